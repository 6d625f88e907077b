"""The words of Newmouth in Exampleshire: all invented, none of them a person.

Long lists of constants and nothing else. Ward codes come from a range that the Office for
National Statistics has never issued, postcodes from an area that does not exist.
"""

from typing import Final

BOROUGH: Final = "Newmouth"
COUNTY: Final = "Exampleshire"
BOROUGH_CODE: Final = "E06999001"
FIRST_WARD_CODE: Final = 5_999_001  # E05999001
POSTCODE_AREA: Final = "NM"  # no such area

CENTRE_WARD: Final = "Old Quay"
VILLAGE_WARD: Final = "Thornmere"
WARDS: Final = (
    "Saltmarsh",
    "Gannet Hill",
    "Lantern Bank",
    "Cobbleside",
    "Windle",
    "Fennick",
    "Marram",
    "Tidewell",
    "Kelpgate",
    "Northstrand",
    "Brackendale",
    "Sallow Vale",
    "Pikestone",
    "Curlew Park",
    "Oystergate",
    "Larkrise",
    "Hessle Bottoms",
    "Ropewalk",
)

# Streets are a stem and a kind. Stems are sea, birds, plants and trades; kinds follow the rank of the road.
# fmt: off
STEMS: Final = (
    "Anchor", "Alder", "Amber", "Ashlar", "Avocet", "Barnacle", "Basket", "Beacon", "Bellbuoy",
    "Bittern", "Bobbin", "Bramble", "Breaker", "Briar", "Brine", "Bulrush", "Bunting", "Buoy",
    "Capstan", "Catkin", "Chandler", "Clinker", "Cobalt", "Cockle", "Compass", "Cooper", "Coral",
    "Cormorant", "Cowslip", "Cowrie", "Crab", "Crake", "Cuttle", "Cygnet", "Damson", "Dogger",
    "Dolphin", "Driftwood", "Dunlin", "Eelgrass", "Egret", "Eider", "Fathom", "Fennel", "Fescue",
    "Finch", "Flint", "Foxglove", "Fulmar", "Furze", "Galleon", "Gannet", "Garnet", "Gorse", "Grebe",
    "Greenshank", "Guillemot", "Gull", "Gunwale", "Haddock", "Halyard", "Harebell", "Hawser", "Heather",
    "Heron", "Herring", "Hornbeam", "Iris", "Jetty", "Juniper", "Keel", "Kelp", "Kestrel", "Kingfisher",
    "Kittiwake", "Knot", "Larch", "Lavender", "Limpet", "Linnet", "Lobster", "Lupin", "Mackerel",
    "Mallow", "Marlin", "Marsh", "Martin", "Mast", "Merganser", "Merlin", "Mizzen", "Mussel", "Myrtle",
    "Nettle", "Oarlock", "Osier", "Osprey", "Oyster", "Pebble", "Petrel", "Pike", "Pilchard", "Pintail",
    "Pipit", "Plaice", "Plover", "Plumb", "Pochard", "Primrose", "Puffin", "Quartz", "Quayle",
    "Rampion", "Redshank", "Reed", "Ripple", "Rockrose", "Rook", "Rudder", "Saltern", "Samphire",
    "Sanderling", "Sandpiper", "Scallop", "Scaup", "Seagrass", "Sedge", "Shale", "Shearwater", "Shoal",
    "Shoveler", "Shrike", "Siskin", "Skua", "Slate", "Snipe", "Sorrel", "Sparling", "Spinnaker",
    "Sprat", "Spurge", "Starling", "Stonechat", "Sundew", "Swallow", "Swift", "Tallow", "Tamarisk",
    "Tansy", "Teal", "Teasel", "Tern", "Thistle", "Thrift", "Tiller", "Topsail", "Turnstone", "Turbot",
    "Twine", "Umber", "Vetch", "Wagtail", "Warbler", "Weaver", "Wharf", "Wheatear", "Whelk", "Whimbrel",
    "Whin", "Whitebeam", "Wigeon", "Willet", "Windlass", "Woad", "Wrasse", "Wren", "Yarrow", "Yawl",
)
# fmt: on
SECONDARY_KINDS: Final = ("Road", "Road", "Lane", "Hill", "Way")
TERRACE_KINDS: Final = ("Street", "Street", "Street", "Terrace", "Place", "Row")
ESTATE_KINDS: Final = ("Road", "Avenue", "Drive", "Grove", "Gardens", "Walk")
SUBURB_KINDS: Final = ("Crescent", "Close", "Drive", "Avenue", "Rise", "Croft", "Garth")
WORKS_KINDS: Final = ("Way", "Road", "Court")

PARKS: Final = (
    "Harbour Gardens",
    "Beacon Park",
    "Osier Park",
    "Mill Field Rec",
    "Jubilee Field",
    "Bellfield Park",
    "Long Meadow",
    "Furze Hill Park",
    "Salt Pans Rec",
    "Chandlers Green",
)
COUNTRY_PARK: Final = "Heron Water Country Park"
LINKS: Final = "Seahollow Links"
PARADE_KINDS: Final = ("Parade", "Shops", "Precinct", "Row")
SCHOOL_KINDS: Final = ("Primary School", "Academy", "School", "Primary School")
CORE_PLACES: Final = (
    ("Quayside Centre", "shopping centre"),
    ("Fish Market", "market"),
    ("Bus Station", "bus station"),
    ("Newmouth Station", "railway station"),
    ("Clock Square", "square"),
    ("Newmouth Library", "library"),
    ("Tidal Baths", "leisure centre"),
)
POLICE_STATION: Final = "Newmouth Police Station"
HOSPITAL: Final = "Newmouth General Hospital"
OTHER_PLACES: Final = (
    ("Retail Park", "retail park"),
    ("Superstore", "supermarket"),
    ("Community Centre", "community centre"),
    ("Social Club", "club"),
    ("Medical Centre", "surgery"),
)

SHORT_KINDS: Final = {
    "Road": "Rd",
    "Street": "St",
    "Avenue": "Ave",
    "Crescent": "Cres",
    "Close": "Cl",
    "Drive": "Dr",
    "Lane": "Ln",
    "Terrace": "Terr",
    "Gardens": "Gdns",
    "Grove": "Gr",
    "Place": "Pl",
}

# What a report says of what happened. Short, and about nobody.
SAID: Final = {
    "Anti-social behaviour": (
        "Group of youths shouting and throwing stones",
        "Rowdy behaviour, music and drinking",
        "Youths banging on shutters",
        "Caller reports group causing nuisance again",
        "People drinking and arguing outside",
        "Youths on bikes intimidating passers-by",
    ),
    "ASB nuisance": (
        "Youths gathering, litter and noise",
        "Group of about ten, moved on",
        "Eggs thrown at windows",
        "Ball games and shouting late on",
        "Street drinking, cans left behind",
    ),
    "ASB personal": (
        "Repeated shouting aimed at one household",
        "Threats over a shared path",
        "Gate kicked, abuse shouted",
        "Ongoing dispute, diary sheets issued",
    ),
    "ASB environmental": (
        "Graffiti on wall and shutters",
        "Needles and cans found",
        "Broken glass across path",
        "Dog fouling and litter",
        "Abandoned trolley and bags",
    ),
    "Public order": (
        "Fight reported, dispersed on arrival",
        "Loud argument in the street",
        "Abuse shouted at staff",
        "Group refusing to leave",
    ),
    "Violence and sexual offences": (
        "Assault outside premises, minor injury",
        "Pushed during argument",
        "Punch thrown, parties left",
        "Assault reported, enquiries continue",
    ),
    "Criminal damage and arson": (
        "Window smashed overnight",
        "Fence panels kicked in",
        "Wing mirror broken",
        "Bus shelter glass smashed",
        "Door damaged",
    ),
    "Burglary": (
        "Rear door forced, search made",
        "Shed broken into, tools taken",
        "Window forced, jewellery taken",
        "Attempt, marks on patio door",
        "Garage entered",
    ),
    "Vehicle crime": (
        "Van window smashed, tools taken",
        "Catalytic converter taken",
        "Car entered, untidy search",
        "Number plates taken",
        "Attempt to steal motorcycle",
    ),
    "Bicycle theft": (
        "Bike taken from railings, lock cut",
        "Bike taken from shed",
        "Bike taken outside shop",
    ),
    "Other theft": ("Parcel taken from doorstep", "Metal taken", "Fuel driven off without payment"),
    "Shoplifting": ("Goods taken, left on foot", "Meat and alcohol taken", "Repeat theft, CCTV held"),
    "Theft from the person": ("Phone snatched", "Purse taken from bag"),
    "Robbery": ("Bike demanded with threats", "Phone taken by two on a moped"),
    "Drugs": (
        "Suspected dealing from car",
        "Smell of cannabis, people coming and going",
        "Exchange seen in car park",
        "Drug use in stairwell",
    ),
    "Possession of weapons": ("Knife seen, not found", "Youth with blade reported"),
    "Deliberate fire": (
        "Bin fire, hose reel used",
        "Rubbish alight in alley",
        "Grass fire, beaters used",
        "Small fire, set on purpose",
        "Wheelie bin alight against fence",
    ),
    "Deliberate fire (primary)": ("Shed fire, set on purpose", "Empty building, fire in ground floor"),
    "Deliberate fire (vehicle)": ("Car alight on arrival", "Moped burnt out"),
    "Noise": (
        "Loud music until late",
        "Bass through wall, ongoing",
        "Party, noise log opened",
        "Dog barking for hours",
    ),
    "Neighbour complaint": (
        "Dispute over parking and bins",
        "Rubbish thrown over fence",
        "Shouting through wall",
        "Complaint over hedge and access",
    ),
    "Fly-tipping": (
        "Mattress and bags dumped",
        "Sofa and white goods tipped",
        "Builders rubble, one load",
        "Black bags split open",
        "Tyres dumped",
    ),
    "Off-road vehicles": (
        "Off-road bike at speed on grass",
        "Two quads on the field",
        "Electric bikes on footpath, no helmets",
    ),
    "Animals": ("Loose horse on road", "Dog off lead, worrying"),
    "Concern for person": ("Person sitting on bridge, welfare check", "Not seen for two days, welfare check"),
    "Other crime": ("Counterfeit note passed", "Enquiry logged"),
}

# The same category in each source's own words; every one is an alias that `mapping.categories` knows.
OWN_WORDS: Final = {
    "council-wardens": {
        "Fly-tipping": "Fly tipping",
        "ASB environmental": "ASB - environmental",
        "ASB nuisance": "Nuisance youths",
        "Off-road vehicles": "Off-road bikes",
    },
    "fire-deliberate": {
        "Deliberate fire": "Deliberate secondary fire",
        "Deliberate fire (primary)": "Deliberate primary fire",
        "Deliberate fire (vehicle)": "Deliberate vehicle fire",
    },
    "housing-asb": {
        "Noise": "Noise complaint",
        "Neighbour complaint": "Neighbour dispute",
        "ASB personal": "ASB - personal",
        "ASB nuisance": "ASB - nuisance",
        "Drugs": "Drug use",
    },
    "councillors": {
        "Anti-social behaviour": "Antisocial behaviour",
        "Fly-tipping": "Flytipping",
        "Off-road vehicles": "Quad bikes",
    },
    "police-101": {
        "ASB nuisance": "AS22 Nuisance",
        "ASB personal": "AS21 Personal",
        "ASB environmental": "AS23 Environmental",
        "Criminal damage and arson": "Criminal damage",
    },
}

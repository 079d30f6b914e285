"""Texts that name no product, to measure whether a method notices: see no_match.py.

Some shops do sell one or another of them. That makes a method look a little worse than it is.
"""

UNANSWERABLE = {
    "animals": (
        *("a live elephant", "a sleeping cat", "a dog on a beach", "a horse in a field"),
        *("a shark under water", "a parrot", "a spider", "a cow", "goldfish in a bowl"),
        *("penguins on ice", "a crocodile", "two monkeys in a tree"),
    ),
    "food": (
        *("a bowl of soup", "fresh strawberries", "grilled salmon with lemon", "a slice of pizza"),
        *("cheese", "sushi", "a chocolate cake with candles", "scrambled eggs"),
        *("a glass of red wine", "banana", "spaghetti", "a roast chicken"),
    ),
    "vehicles": (
        *("a cargo ship", "a steam locomotive", "an aeroplane taking off", "a helicopter"),
        *("a tractor on a farm", "a fire engine", "a motorbike", "a sailing boat"),
        *("a space rocket", "a tram in a city", "a submarine", "an excavator"),
    ),
    "places and people": (
        *("a snowy mountain", "the Eiffel Tower", "a waterfall in the jungle", "an oak tree"),
        *("a football stadium", "the night sky with stars", "a bridge over a river", "a castle"),
        *("a crying baby", "two people shaking hands", "a doctor in a hospital", "a choir singing"),
    ),
    "other languages": (
        *("rote Handtasche", "ein lebender Elefant", "etwas Rotes zum Anziehen"),
        *("une voiture rapide", "un chat noir qui dort", "zapatos para correr"),
        *("una mesa de madera", "en röd klänning", "czerwony plecak"),
        *("перчатки", "赤いバックパック", "قطة صغيرة"),
    ),
    "no things": (
        *("quarterly report", "tax return for last year", "how do I cancel my order"),
        *("terms and conditions", "the theory of relativity", "stock market crash"),
        *("database migration", "weather tomorrow", "opening hours", "a minor key"),
        *("the French revolution", "next Tuesday at noon"),
    ),
    "nonsense": (
        *("asdfgh qwertz", "xkcd foo bar baz", "lorem ipsum dolor sit amet", "1234567890"),
        *("blorptang fizzle", "wjkx", "??? !!!", "aaaaaaaa", "qqq www eee", "%&/()=", "zzyzx 42"),
        "flurb the gronk",
    ),
    "other machines": (
        *("a washing machine", "a lawn mower", "a microscope", "a grand piano", "a chainsaw"),
        *("a traffic light", "a refrigerator", "an X-ray scanner"),
    ),
}

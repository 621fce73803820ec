#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills templates with names and places and writes labelled texts; used by generate.py and heldout.py.

A template holds fields in braces: {full} {first} {plain} (a plain word too) {last} {lastfirst} {initials} (J. K. and a surname) {low} (lower case) {lowfull} {lowlast} {lowplain}
{up} {upfirst} {uplast} {uplastfirst} (capitals) {spanish} (two surnames) {native} (another script) are PERSON; {city} {upcity} {country} {lowcountry} {region} {state} LOCATION; {street} {unit_street} {row}
(a street without a word for one) {lowstreet} {lane} (no number) {plot} {nordic} (with its town) {box} (of a post office) STREET_ADDRESS; {org} {firm} (a lone word) {brand} (of a founder's name) ORGANIZATION; {n} {n4}
{date} {phone} {mail} {zip} {word} {thing} {verb} {key} {hex} {xfirst} {xlast} {xlowfirst} {law} (what is named after its finder) {code} (lines of a program) {ident} {soft} (a program) {pet}
are not labelled. {cityname} is often a given name as well; {P:Will} is the PERSON Will; {UPPER} puts the whole text in capitals. {full=a} keeps the value under a name and {=a} repeats
it, {=a.f} and {=a.l} its first or last word. [x|y] picks one of two or more.
"""
import gzip, itertools, json, random, re

import code_pieces

LABEL = {'full': 'PERSON', 'first': 'PERSON', 'plain': 'PERSON', 'last': 'PERSON', 'lastfirst': 'PERSON', 'low': 'PERSON', 'lowfirst': 'PERSON', 'lowfull': 'PERSON', 'up': 'PERSON', 'native': 'PERSON',
         'initials': 'PERSON', 'upfirst': 'PERSON', 'upinit': 'PERSON', 'rucity': 'LOCATION', 'spanish': 'PERSON', 'lowlast': 'PERSON', 'uplast': 'PERSON', 'uplastfirst': 'PERSON', 'upcity': 'LOCATION', 'cityname': 'LOCATION', 'town': 'LOCATION', 'lowplain': 'PERSON', 'lowbrand': 'ORGANIZATION', 'row': 'STREET_ADDRESS', 'lowstreet': 'STREET_ADDRESS',
         'box': 'STREET_ADDRESS', 'plot': 'STREET_ADDRESS', 'lane': 'STREET_ADDRESS', 'nordic': 'STREET_ADDRESS', 'region': 'LOCATION', 'lowcountry': 'LOCATION', 'brand': 'ORGANIZATION',
         'city': 'LOCATION', 'country': 'LOCATION', 'state': 'LOCATION', 'lowcity': 'LOCATION', 'street': 'STREET_ADDRESS', 'unit_street': 'STREET_ADDRESS',
         'thecountry': 'LOCATION', 'abbr': 'LOCATION', 'stateabbr': 'LOCATION', 'feature': 'LOCATION', 'lowfeature': 'LOCATION', 'lowplace': 'LOCATION', 'townlast': 'PERSON', 'alname': 'PERSON', 'lowinit': 'PERSON',
         'level': 'STREET_ADDRESS', 'nordicgate': 'STREET_ADDRESS', 'hausnr': 'STREET_ADDRESS', 'org': 'ORGANIZATION', 'firm': 'ORGANIZATION'}
WORDS = ('invoice parcel laptop report lease ticket kitchen meeting contract booking refund sample garden printer server badge deposit budget essay recipe bike survey '
         'prescription payslip newsletter router mortgage tent heater draft roadmap backup').split()
THINGS = ('Purchase Order|Annual Leave|Terms of Use|Statement of Work|Release Notes|Access Denied|Payment Received|Customer Support|Order Summary|Data Sheet|Two Factor Login|'
          'Black Friday|New Year|Easter Monday|Premium Plan|Spring Boot|Visual Studio|Mercedes|Jupiter Notebook|Apple Pay|Ruby|Jasmine|Django|Kafka|Delta Lake|Madison Square Garden tour|'
          'Parkinson\'s disease|Moore\'s law|Caesar salad|Victoria sponge|Nobel Prize|Earl Grey|Gaussian filter|Adam optimiser|Monte Carlo run').split('|')
KEYS = ('Status Priority Total Reference Type Category Currency IBAN BIC VAT Aadhaar PAN NRIC RUT CPF Fono Telefon Mobile E-Mail Mail Fax Tel Kontonummer Datum Betrag Montant Fecha Importe '
        'Passport SSN DOB Gender Order Invoice Version Branch Build Region Plan Amount Quantity SKU Colour Size').split()
VERBS = 'signed approved sent lost returned checked cancelled opened forwarded printed reviewed declined paid moved archived scanned'.split()
SUFFIX = 'Ltd|Inc.|GmbH|LLC|& Sons|Group|Partners|S.A.|Holdings|Consulting|Motors|Bakery|Logistics|Plumbing|Bank|Clinic|School|Foundation'.split('|')
STREET = 'Street St Road Rd Avenue Ave Lane Drive Court Place Way Close Crescent Terrace Parade Esplanade Boulevard Parkway Square Mews Grove'.split()
PLAIN = 'Oak Maple Station Church High Park Mill Harbor Spring River Highland Meadow Lake Sunset Bridge Market Cedar Hill North Elm Orchard Chapel'.split()
LAWS = ('theorem|algorithm|equation|method|distribution|filter|transform|process|test|criterion|matrix|space|law|effect|constant|number|conjecture|inequality|paradox|'
        'scale|cipher|code|index|curve|network|model|window|iteration|sort|tree|hash|problem|disease|syndrome|reflex|score|manoeuvre|valve|engine|cycle|dilemma|solver|search|lemma|rule|formula|series|sums|chain|chains|trials|heap|form|norm|kernel|estimator|regression|notation|machine|spaces|numbers|bound|sequence|function|functions|set|geometry|principle|limit|scheme|bottle|strip|ring|field|fields').split('|')
BRANDS = ('Ford|Ferrari|Mercedes|Mercedes-Benz|Porsche|Honda|Toyota|Suzuki|Tesla|Chrysler|Dodge|Lincoln|Peugeot|Citroën|Renault|Lamborghini|Maserati|Harley-Davidson|Boeing|'
          'Lockheed Martin|Northrop Grumman|Rolls-Royce|Siemens|Bosch|Philips|Dyson|Dell|Hewlett-Packard|Disney|Warner Bros.|Marvel|Mattel|Hasbro|Adidas|Puma|Levi Strauss|'
          'Louis Vuitton|Hugo Boss|Ralph Lauren|Calvin Klein|Tommy Hilfiger|Giorgio Armani|Christian Dior|Hermès|Cartier|Gucci|Prada|Versace|Chanel|Michael Kors|Marc Jacobs|'
          'Jack Daniel\'s|Johnnie Walker|Jim Beam|Captain Morgan|Moët|Hennessy|Martini|Campari|Heineken|Guinness|Kellogg\'s|Heinz|Campbell\'s|Hershey|Cadbury|Ferrero|Mars|'
          'Ben & Jerry\'s|Wendy\'s|McDonald\'s|Arby\'s|Denny\'s|Domino\'s|Papa John\'s|Betty Crocker|Uncle Ben\'s|Aunt Jemima|Dr Pepper|Oscar Mayer|Sara Lee|'
          'Johnson & Johnson|Procter & Gamble|Estée Lauder|L\'Oréal|Elizabeth Arden|Merck|Pfizer|Eli Lilly|Bayer|Goldman Sachs|Morgan Stanley|JPMorgan Chase|Wells Fargo|'
          'Charles Schwab|Merrill Lynch|Lehman Brothers|Barclays|Lloyds|Ernst & Young|McKinsey|Moody\'s|Marks & Spencer|Sainsbury\'s|Tesco|Macy\'s|Bloomingdale\'s|'
          'Saks|Nordstrom|Walmart|Harrods|John Lewis|Trader Joe\'s|John Deere|Caterpillar|Black & Decker|Steinway|Yamaha|Gibson|Fender|Rickenbacker|Penguin|Macmillan|'
          'Lidl|Aldi|Ikea|Ryanair|Lufthansa|Delta|Oxfam|Unicef|Hoover|Henry|Miele|Braun|Fiat|Skoda|Zara|Swatch|Couchbase|Oracle|Nokia|Ericsson|Danone|Nestlé|'
          'HarperCollins|Simon & Schuster|Wiley|Elsevier|Reuters|Bloomberg|Jeep|Kawasaki|Bentley|Aston Martin|Royce|Daimler|Opel|Benelli|Laura Ashley|Ted Baker|Paul Smith|Kate Spade|Vera Wang|Max Mara|Hugo|Wilson|Spalding|Converse|Carhartt|Lacoste|Ben Sherman|Fred Perry').split('|')
SOFT = ('Jenkins|Cassandra|Jessie|Travis|Hudson|Julia|Ruby|Ada|Pascal|Haskell|Erlang|Curry|Jasmine|Moby|Maven|Gatsby|Celery|Lucene|Hadoop|Presto|Athena|Apollo|Hermes|Zeus|'
        'Ansible|Vagrant|Nagios|Icinga|Kibana|Logstash|Grafana|Redis|Mongo|Maria|Luigi|Oozie|Flink|Kafka|Samza|Storm|Tez|Hive|Impala|Kudu|Bazel|Gradle|Sonar|Selenium|Puppet|'
        'Salt|Bamboo|Jira|Django|Flask|Bottle|Tornado|Sinatra|Hanami|Phoenix|Elm|Dart|Swift|Scala|Clojure|Perl|Lua|Stan|Sage|Octave|Maxima|Weka|Keras|Caffe|Torch|Pandas|'
        'Bourne|Korn|Alice|Bob|Carol|Mallory|Sierra|Ventura|Monterey|Catalina|Buster|Stretch|Wheezy|Lenny|Etch|Sarge|Woody|Ubuntu|Debian|Fedora|Gentoo|Arch|Mint|Tails|'
        'Bluetooth|Darwin|Mojave|Bard|Claude|Gemini|Llama|Mistral|Watson|Alexa|Siri|Cortana').split('|')
LANDS = 'United States|United States|United States|United States of America|United Kingdom|United Kingdom|Netherlands|Philippines|Czech Republic|Soviet Union|United Arab Emirates|Bahamas|Maldives|Dominican Republic|Ivory Coast|West Bank|Gaza Strip'.split('|')
ABBREVIATED = 'US|US|U.S.|U.S.|UK|UK|U.K.|USA|UAE|USSR|DRC|PRC'.split('|')
FEATURES = ('Lake %|Lake %|Mount %|Mount %|Mt. %|Mont %|Monte %|River %|% River|% River|% Bay|% Island|% Islands|% Falls|% Valley|% Mountains|% Peak|% Creek|% Glacier|% Desert|% Peninsula|% Beach|% Canyon|% Forest|'
            'Cape %|Gulf of %|Bay of %|Isle of %|Strait of %|Loch %|Lough %|Ben %|Piz %|Cerro %|Sierra %|Río %|Port %|Point %').split('|')
REGIONS = ('Cornwall|Devon|Dorset|Norfolk|Suffolk|Cumbria|Yorkshire|Lancashire|Northumberland|Wiltshire|Wales|Scotland|England|Ulster|Munster|Connacht|Bavaria|Saxony|Hesse|Swabia|Thuringia|'
           'Brandenburg|Tyrol|Styria|Carinthia|Alsace|Brittany|Normandy|Provence|Burgundy|Gascony|Lorraine|Andalusia|Catalonia|Galicia|Asturias|Aragon|Navarre|Murcia|Extremadura|Algarve|'
           'Alentejo|Tuscany|Umbria|Lombardy|Piedmont|Sicily|Sardinia|Calabria|Puglia|Veneto|Liguria|Flanders|Wallonia|Friesland|Zeeland|Brabant|Jutland|Zealand|Scania|Lapland|Karelia|Silesia|'
           'Pomerania|Mazovia|Bohemia|Moravia|Slavonia|Dalmatia|Istria|Transylvania|Moldavia|Crimea|Siberia|Crete|Thessaly|Macedonia|Anatolia|Cappadocia|Kurdistan|Kerala|Punjab|Gujarat|Bihar|Assam|'
           'Rajasthan|Maharashtra|Karnataka|Sindh|Balochistan|Bengal|Sichuan|Yunnan|Guangdong|Fujian|Hokkaido|Kyushu|Shikoku|Okinawa|Java|Sumatra|Bali|Borneo|Mindanao|Luzon|Queensland|Tasmania|'
           'Otago|Southland|Waikato|Ontario|Quebec|Alberta|Manitoba|Saskatchewan|Nova Scotia|Newfoundland|Yukon|Patagonia|Yucatán|Oaxaca|Jalisco|Sonora|Chiapas|Bahia|Antioquia|Gauteng|Limpopo|'
           'KwaZulu-Natal|Tigray|Oromia|Darfur|Zanzibar|Ashanti|Kano|the Midlands|East Anglia|New England|the Balkans|the Caucasus|the Basque Country|Scandinavia').split('|')
PETS = 'Rex|Fido|Rover|Whiskers|Mittens|Felix|Luna|Bella|Max|Buddy|Oscar|Coco|Milo|Shadow|Smokey|Tiger|Socks|Biscuit'.split('|')
ROW = 'Row|Rye|Gate|Hill|Green|End|Rise|Vale|Wharf|Quay|Walk|Mount|Bank|Cross|Bridge|Broadway|Common|Park|Gardens|Fold|Yard|Wynd|Brae|Loan|Strand|Circus|Mead|Croft|Garth'.split('|')
STATES = 'AL AK AZ CA CO CT FL GA IL IN KS KY LA MA MD MI MN MO NC NJ NV NY OH OR PA TN TX UT VA WA WI NSW VIC QLD ON BC'.split()


def rows(path):
    op = gzip.open if path.endswith('.gz') else open
    with op(path, 'rt', encoding='utf8') as f:
        return [line.rstrip('\n').split('\t') for line in f if line.strip() and not line.startswith('#')]


def one_of(pool, r):
    return r.choices(pool[0], cum_weights=pool[1])[0]


class Pools:
    def __init__(self, data, rng):
        self.r = rng
        g = data + '/gaz/'
        ok = lambda s: re.fullmatch(r"[^\W\d_][^\W\d_'’ -]*[^\W\d_]", s)
        low = lambda s: all(ord(c) < 0x250 or 0x1e00 <= ord(c) < 0x1f00 for c in s)
        us = [(r[0], int(r[1]) ** .4) for r in rows(g + 'us_births_first_names.tsv.gz') if int(r[1]) > 300]
        self.us = ([a for a, _ in us], list(itertools.accumulate(b for _, b in us)))
        word = {r[0] for r in rows(g + 'english_words.tsv.gz') if int(r[1]) <= 35}
        self.plain = [r[0] for r in rows(g + 'us_births_first_names.tsv.gz') if int(r[1]) > 4000 and r[0].lower() in word]
        self.f, self.l, self.nf, self.nl = {}, {}, {}, {}
        for name, kind, locales in rows(g + 'faker_names.tsv.gz'):
            if not ok(name):
                continue
            for x in locales.split(','):
                table = ((self.f, self.l) if low(name) else (self.nf, self.nl))[kind == 'last']
                table.setdefault(x, []).append(name)
        self.loc = sorted(x for x in self.f if len(self.f[x]) > 15 and len(self.l.get(x, [])) > 15)
        self.nloc = sorted(x for x in self.nf if len(self.nf[x]) > 15 and len(self.nl.get(x, [])) > 15)
        self.pf = [r[0] for r in rows(g + 'popular_forenames.tsv') if ok(r[0]) and low(r[0])]
        self.pl = [r[0] for r in rows(g + 'popular_surnames.tsv') if ok(r[0]) and low(r[0])]
        self.sur = [r[0] for r in rows(g + 'list_surnames.tsv.gz') if ok(r[0]) and low(r[0])]
        towns = [(r[0], int(r[1])) for r in rows(g + 'cities.tsv.gz') if low(r[0]) and len(r[0]) > 2 and not re.search(r'[()/\d,]', r[0])]
        self.town = ([a for a, _ in towns], list(itertools.accumulate(max(b, 1000) ** .35 for _, b in towns)))
        known = {r[0] for r in rows(g + 'us_births_first_names.tsv.gz') if int(r[1]) > 3000} | set(self.pl)
        self.namesake = [a for a, b in towns if b > 100000 and a in known]
        self.land = [x.strip() for r in rows(data + '/lexicon/countries.tsv') for x in re.split('[;,]', r[1]) if len(x.strip()) > 3]

    def pair(self):
        z, r = self.r.random(), self.r
        if z < .4:
            return one_of(self.us, r), r.choice(self.sur if r.random() < .4 else self.pl)
        if z < .85:
            x = r.choice(self.loc)
            return r.choice(self.f[x]), r.choice(self.l[x])
        return r.choice(self.pf), r.choice(self.pl)

    def full(self):
        f, l = self.pair()
        z, r = self.r.random(), self.r
        if z < .05:
            l = r.choice(('van ', 'de ', 'de la ', 'von ', 'di ', 'El ', 'Al-', 'Mac', 'O\'', 'bin ', 'binti ', 'dos ')) + l
        elif z < .1:
            l += r.choice(('-', ' ')) + self.pair()[1]
        elif z < .16:
            f += ' ' + r.choice('ABCDEFGHJKLMNPRST') + r.choice(('.', '.', ''))
        elif z < .2:
            f = r.choice('ABCDEFGHJKLMNPRST') + '.'
        elif z < .24:
            f += r.choice(('-', ' ')) + self.pair()[0]
        return f + ' ' + l + (r.choice((' Jr.', ' III', ' Sr.')) if r.random() < .015 else '')

    def street(self):
        r = self.r
        n, name = r.randint(1, 9999 if r.random() < .3 else 240), self.pair()[1] if r.random() < .5 else r.choice(PLAIN)
        z = r.random()
        if z < .5:
            return '%s%d %s%s %s' % (r.choice(('', '', '', '%d/' % r.randint(1, 60))), n, r.choice(('', '', '', 'N ', 'SW ', 'East ')), name, r.choice(STREET))
        if z < .6:
            return '%s%s %d%s' % (name.split(' ')[-1].replace("'", ''), r.choice(('straße', 'strasse', 'weg', 'platz', 'gasse', 'laan', 'straat', 'gatan', 'vej')), n, r.choice(('', '', 'a', 'b')))
        if z < .75:
            return '%s%s %d' % (r.choice(('Via ', 'Rua ', 'Calle ', 'C/ ', 'ul. ', 'Avda. de ', 'Viale ', 'Praça ', 'Am ', 'Lange ')), name, n)
        if z < .87:
            return '%s%s, %d' % (r.choice(('Calle ', 'C/ ', 'Avda. ', 'Avenida ', 'Via ', 'Rua ', 'Travessa ', 'Paseo de ', 'Largo ')), name, n)
        return '%d%s%s %s' % (n, r.choice((', ', ' ')), r.choice(('rue', 'avenue', 'boulevard', 'rue de', 'place', 'chemin de')), name)

    def unit_street(self):
        r, s = self.r, self.street()
        z = r.random()
        k = r.randint(1, 60)
        if z < .3:
            return '%s %d, %s' % (r.choice(('Flat', 'Unit', 'Apt', 'Suite', 'Apartment')), k, s)
        if z < .6:
            return '%s%s %d' % (s, r.choice((' Apt', ', Apt.', ' Suite', ', Unit', ', Flat', ' Floor')), k)
        if z < .75:
            return '%s #%d%s' % (s, k, r.choice(('', 'A', 'B')))
        if z < .9:
            return '%s, %dº%s' % (s, r.randint(1, 9), r.choice((' A', 'B', ' D', 'C')))
        return '%s, piso %d%s' % (s, r.randint(1, 9), r.choice('ABCD'))

    def last_first(self, first, last):
        r, z = self.r, self.r.random()
        if z < .2:
            first += r.choice(('-', ' ')) + self.pair()[0]
        elif z < .3:
            first += ' ' + r.choice('ABCDEFGHJKLMNPRST') + r.choice(('.', ''))
        elif z < .4:
            last += '-' + self.pair()[1]
        elif z < .45:
            last = r.choice(('St. ', 'De ', 'Van ', 'Di ', 'El ')) + last
        return last + ', ' + first

    def row(self):
        return '%d %s %s' % (self.r.randint(1, 240), one_of(self.town, self.r) if self.r.random() < .4 else self.r.choice((self.pair()[1], self.r.choice(PLAIN))), self.r.choice(ROW))

    def box(self):
        return '%s %d' % (self.r.choice(('PO Box', 'PO Box', 'P.O. Box', 'P. O. Box', 'Postfach', 'Apartado', 'Casella Postale', 'BP', 'Postbus')), self.r.randint(1, 99999))

    def plot(self):
        r = self.r
        return '%d%s, %s' % (r.randint(1, 300), r.choice('AB' + ' ' * 6).strip(), r.choice(('Road %d' % r.randint(1, 40), 'Sector %d' % r.randint(1, 60), 'Phase %d' % r.randint(1, 6), self.lane(), self.lane())))

    def lane(self):
        return '%s %s' % (self.pair()[1] if self.r.random() < .5 else self.r.choice(PLAIN), self.r.choice(STREET))

    def nordic(self):
        r, name = self.r, self.pair()[1].split(' ')[-1].replace("'", '')
        return '%s%s %d%s, %s %s' % (name, r.choice(('gatan', 'vägen', 'gate', 'veien', 'vej', 'gade', 'katu', 'tie', 'allee', 'gasse', 'kade', 'plein')), r.randint(1, 140), r.choice(('', '', 'A', ' B')),
                                     r.choice(('%d %d' % (r.randint(100, 999), r.randint(10, 99)), '%d' % r.randint(1000, 99999))), one_of(self.town, r))

    def feature(self):
        r = self.r
        return r.choice(FEATURES).replace('%', r.choice((self.pair()[1], self.pair()[1], one_of(self.town, r), r.choice(PLAIN))))

    def level(self):
        r = self.r
        return '%s %d%s%s' % (r.choice(('Level', 'Floor', 'Suite', 'Shop', 'Unit')), r.randint(1, 60), r.choice((', ', ' ')), self.street())

    def hausnr(self):
        r, name = self.r, self.pair()[1].split(' ')[-1].replace("'", '')
        return '%s%s %d%s' % (r.choice((name, 'Haupt', 'Bahnhof', 'Kirch', 'Garten')), r.choice(('str.', 'str.', 'strasse', 'weg', 'platz')), r.randint(1, 140), r.choice(('', '', 'a', ' b')))

    def initials(self):
        letters = [self.r.choice('ABCDEFGHJKLMNPRSTVW') for _ in range(self.r.choice((2, 2, 3)))]
        return self.r.choice(('. '.join(letters) + '. ', '.'.join(letters) + '. ', ''.join(letters) + ' ')) + self.pair()[1]

    def field(self, k):
        r = self.r
        f, l = self.pair()
        town = one_of(self.town, r)
        if k == 'native':
            x = r.choice(self.nloc)
            a, b = r.choice(self.nf[x]), r.choice(self.nl[x])
            return r.choice((a + ' ' + b, a + ' ' + b, a)) if x[:2] not in ('zh', 'ja', 'ko') else b + a
        make = {'code': lambda: code_pieces.piece(r, WORDS), 'ident': lambda: code_pieces.identifier(r), 'thecountry': lambda: r.choice(LANDS), 'abbr': lambda: r.choice(ABBREVIATED), 'stateabbr': lambda: r.choice(STATES), 'feature': self.feature, 'lowfeature': lambda: self.feature().lower(),
                'lowplace': lambda: r.choice((town, town, r.choice(self.land), r.choice(REGIONS))).lower(), 'townlast': lambda: r.choice(self.namesake), 'xcity': lambda: town,
                'alname': lambda: r.choice((f, f, f, 'Abu ' + f, 'Abdul ' + f)) + ' ' + r.choice(('al-', 'al-', 'al-', 'Al-', 'el-', 'El-', 'bin ', 'ibn ', 'Abd al-', 'ul-')) + l,
                'lowinit': lambda: (f[0] + r.choice(('. ', '.', ' ')) + l).lower(), 'level': self.level, 'hausnr': self.hausnr, 'nordicgate': lambda: '%s %s %d' % (l, r.choice(('gate', 'gata', 'vei', 'väg', 'tee', 'tie')), r.randint(1, 99)),
                'plot': self.plot, 'lane': self.lane, 'nordic': self.nordic, 'region': lambda: r.choice(REGIONS), 'lowcountry': lambda: r.choice(self.land).lower(), 'pet': lambda: r.choice(PETS),
                'spanish': lambda: f + r.choice((' de los Ángeles ', ' del Carmen ', ' de la Cruz ', ' José ', ' María ', ' ')) + l + ' ' + self.pair()[1], 'row': self.row, 'box': self.box, 'initials': self.initials, 'upfirst': lambda: f.upper(), 'upinit': lambda: f[0].upper() + ' ' + l.upper(),
                'rucity': lambda: r.choice('Самаре Самару Казани Казань Москве Москву Киеве Минске Перми Омске Уфе Сочи Риге Томске Твери Туле'.split()), 'lowlast': lambda: l.lower(), 'uplast': lambda: l.upper(),
                'uplastfirst': lambda: self.last_first(f, l).upper(), 'upcity': lambda: town.upper(), 'lowstreet': lambda: self.street().lower(), 'law': lambda: r.choice(LAWS),
                'brand': lambda: r.choice(BRANDS), 'soft': lambda: r.choice(SOFT), 'full': self.full, 'first': lambda: f, 'plain': lambda: r.choice(self.plain), 'last': lambda: l, 'xfirst': lambda: f, 'xlowfirst': lambda: f.lower().replace(' ', ''), 'xlast': lambda: l, 'lastfirst': lambda: self.last_first(f, l), 'low': lambda: (f + ' ' + l).lower(),
                'lowfirst': lambda: f.lower(), 'lowfull': lambda: self.full().lower(), 'up': lambda: self.full().upper(), 'city': lambda: town, 'lowcity': lambda: town.lower(),
                'country': lambda: r.choice(self.land), 'state': lambda: r.choice(STATES), 'street': self.street, 'unit_street': self.unit_street,
                'org': lambda: r.choice((l, town, l + ' ' + r.choice(PLAIN))) + ' ' + r.choice(SUFFIX), 'firm': lambda: r.choice((l, town)), 'n': lambda: str(r.randint(1, 99)),
                'n4': lambda: str(r.randint(1000, 9999999)), 'date': lambda: r.choice(('%02d/%02d/%d', '%d.%d.%d', '%02d-%02d-%d')) % (r.randint(1, 12), r.randint(1, 28), r.randint(1950, 2026)),
                'phone': lambda: r.choice(('+%d %d %d', '(%03d) %03d-%04d', '0%d %d %d')) % (r.randint(1, 99), r.randint(100, 999), r.randint(1000, 9999)),
                'mail': lambda: (f[:1] + l).lower().replace(' ', '') + '@' + r.choice(('mail', 'corp', 'shop')) + '.example',
                'zip': lambda: r.choice((str(r.randint(10000, 99999)), '%d-%d' % (r.randint(10000, 99999), r.randint(1000, 9999)), 'SW%dA %dAA' % (r.randint(1, 9), r.randint(1, 9)), str(r.randint(1000, 9999)))),
                'word': lambda: r.choice(WORDS), 'WORD': lambda: r.choice(WORDS).upper(), 'Colour': lambda: r.choice(('Red', 'Olive', 'Amber', 'Jade', 'Ruby', 'Rose', 'Violet', 'Sienna', 'Hazel')),
                'lowplain': lambda: r.choice(self.plain).lower(), 'cityname': lambda: r.choice(self.namesake) if r.random() < .5 else town, 'town': lambda: town.split(' ')[0],
                'UPPER': lambda: '', 'lowbrand': lambda: r.choice(BRANDS).lower(),
                'Word': lambda: r.choice(WORDS).capitalize(), 'thing': lambda: r.choice(THINGS), 'verb': lambda: r.choice(VERBS), 'key': lambda: r.choice(KEYS),
                'hex': lambda: '%08x' % r.getrandbits(32)}
        return make[k]()


def pick(t, r):
    while True:
        m = re.search(r'\[([^\[\]{}]*(?:\{[^{}]*\}[^\[\]{}]*)*)\]', t)
        if not m:
            return t
        t = t[:m.start()] + r.choice(m.group(1).split('|')) + t[m.end():]


def fill(template, pools):
    text, spans, kept = '', [], {}
    for i, part in enumerate(re.split(r'\{([^{}]*)\}', pick(template, pools.r))):
        if i % 2 == 0:
            text += part.replace('<<', '{').replace('>>', '}').replace('(:', '[').replace(':)', ']')
            continue
        k, _, name = part.partition('=')
        if not k:
            name, _, which = name.partition('.')
            k, v = kept[name]
            words = v.split(' ')
            v = words[0] if which == 'f' else words[-1] if which == 'l' else v
        elif k[:2] == 'P:':
            k, v = 'first', k[2:]
        else:
            v = pools.field(k)
            if name:
                kept[name] = k, v
        if k in LABEL:
            if spans and LABEL[k] == 'PERSON' == spans[-1]['entity_type'] and text[spans[-1]['end']:] in (' ', '/'):
                spans[-1]['end'] = len(text) + len(v)  # {first} {last} is one name, and {uplast}/{upfirst}
            else:
                spans.append({'entity_type': LABEL[k], 'start': len(text), 'end': len(text) + len(v)})
        text += v
    return text, spans


def write(out, templates, n, data, seed):
    """n texts, one JSON object a line; every template in turn, so that rare ones are not lost"""
    rng = random.Random(seed)
    pools = Pools(data, rng)
    op = gzip.GzipFile(out, 'wb', 9, mtime=0) if out.endswith('.gz') else open(out, 'wb')
    with op as f:
        for i in range(n):
            text, spans = fill(templates[i % len(templates)], pools)
            if '{UPPER}' in templates[i % len(templates)] and len(text.upper()) == len(text):
                text = text.upper()
            elif rng.random() < .05 and len(text.lower()) == len(text):
                text = text.lower()
            elif rng.random() < .02 and len(text.upper()) == len(text):
                text = text.upper()
            for s in spans:
                s['value'] = text[s['start']:s['end']]
            f.write((json.dumps({'id': '%06d' % i, 'full_text': text, 'spans': spans}, ensure_ascii=False) + '\n').encode('utf8'))

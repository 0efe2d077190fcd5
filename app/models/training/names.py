"""People, places, days and things of the desk, each in Kannada and in English."""

Names = tuple[tuple[str, str], ...]

DISTRICTS: Names = (
    ("ಬೆಂಗಳೂರು", "Bengaluru"), ("ಮೈಸೂರು", "Mysuru"), ("ಮಂಡ್ಯ", "Mandya"), ("ಹಾಸನ", "Hassan"), ("ತುಮಕೂರು", "Tumakuru"),
    ("ಕೋಲಾರ", "Kolar"), ("ಚಿಕ್ಕಬಳ್ಳಾಪುರ", "Chikkaballapura"), ("ರಾಮನಗರ", "Ramanagara"), ("ಶಿವಮೊಗ್ಗ", "Shivamogga"),
    ("ದಾವಣಗೆರೆ", "Davanagere"), ("ಚಿತ್ರದುರ್ಗ", "Chitradurga"), ("ಬಳ್ಳಾರಿ", "Ballari"), ("ವಿಜಯನಗರ", "Vijayanagara"),
    ("ರಾಯಚೂರು", "Raichur"), ("ಕೊಪ್ಪಳ", "Koppal"), ("ಗದಗ", "Gadag"), ("ಧಾರವಾಡ", "Dharwad"), ("ಹಾವೇರಿ", "Haveri"),
    ("ಬೆಳಗಾವಿ", "Belagavi"), ("ಬಾಗಲಕೋಟೆ", "Bagalkote"), ("ವಿಜಯಪುರ", "Vijayapura"), ("ಕಲಬುರಗಿ", "Kalaburagi"),
    ("ಬೀದರ್", "Bidar"), ("ಯಾದಗಿರಿ", "Yadgir"), ("ಉತ್ತರ ಕನ್ನಡ", "Uttara Kannada"), ("ದಕ್ಷಿಣ ಕನ್ನಡ", "Dakshina Kannada"),
    ("ಉಡುಪಿ", "Udupi"), ("ಕೊಡಗು", "Kodagu"), ("ಚಿಕ್ಕಮಗಳೂರು", "Chikkamagaluru"), ("ಚಾಮರಾಜನಗರ", "Chamarajanagara"),
    ("ಬೆಂಗಳೂರು ಗ್ರಾಮಾಂತರ", "Bengaluru Rural"),
)  # fmt: skip
TOWNS: Names = (
    ("ಹುಬ್ಬಳ್ಳಿ", "Hubballi"), ("ಮಂಗಳೂರು", "Mangaluru"), ("ಶಿರಸಿ", "Sirsi"), ("ಕಾರವಾರ", "Karwar"), ("ಹೊಸಪೇಟೆ", "Hosapete"),
    ("ಭದ್ರಾವತಿ", "Bhadravathi"), ("ಸಾಗರ", "Sagara"), ("ಪುತ್ತೂರು", "Puttur"), ("ಕುಂದಾಪುರ", "Kundapura"), ("ತಿಪಟೂರು", "Tiptur"),
    ("ಚನ್ನಪಟ್ಟಣ", "Channapatna"), ("ಮದ್ದೂರು", "Maddur"), ("ನಂಜನಗೂಡು", "Nanjangud"), ("ಗೋಕಾಕ್", "Gokak"),
    ("ರಾಣೆಬೆನ್ನೂರು", "Ranebennur"),
)  # fmt: skip
PLACES = DISTRICTS + TOWNS
MONTHS: Names = (
    ("ಜನವರಿ", "January"), ("ಫೆಬ್ರವರಿ", "February"), ("ಮಾರ್ಚ್", "March"), ("ಏಪ್ರಿಲ್", "April"), ("ಮೇ", "May"), ("ಜೂನ್", "June"),
    ("ಜುಲೈ", "July"), ("ಆಗಸ್ಟ್", "August"), ("ಸೆಪ್ಟೆಂಬರ್", "September"), ("ಅಕ್ಟೋಬರ್", "October"), ("ನವೆಂಬರ್", "November"),
    ("ಡಿಸೆಂಬರ್", "December"),
)  # fmt: skip
WEEKDAYS: Names = (
    ("ಸೋಮವಾರ", "Monday"), ("ಮಂಗಳವಾರ", "Tuesday"), ("ಬುಧವಾರ", "Wednesday"), ("ಗುರುವಾರ", "Thursday"),
    ("ಶುಕ್ರವಾರ", "Friday"), ("ಶನಿವಾರ", "Saturday"), ("ಭಾನುವಾರ", "Sunday"),
)  # fmt: skip
PEOPLE: Names = (
    ("ರಮೇಶ್", "Ramesh"), ("ಸುರೇಶ್", "Suresh"), ("ಲಕ್ಷ್ಮಿ", "Lakshmi"), ("ಗೀತಾ", "Geetha"), ("ಮಂಜುನಾಥ್", "Manjunath"),
    ("ಸವಿತಾ", "Savitha"), ("ಬಸವರಾಜ್", "Basavaraj"), ("ಅನಿತಾ", "Anitha"), ("ಶಿವಕುಮಾರ್", "Shivakumar"), ("ಕಾವ್ಯಾ", "Kavya"),
    ("ಪ್ರಕಾಶ್", "Prakash"), ("ರೇಖಾ", "Rekha"), ("ನಾಗರಾಜ್", "Nagaraj"), ("ಸುಮಾ", "Suma"), ("ಮಹೇಶ್", "Mahesh"),
    ("ಶೋಭಾ", "Shobha"), ("ಗಣೇಶ್", "Ganesh"), ("ವಿನಯ್", "Vinay"), ("ಚೈತ್ರಾ", "Chaitra"), ("ಮೊಹಮ್ಮದ್", "Mohammed"),
    ("ಫಾತಿಮಾ", "Fathima"), ("ಜೋಸೆಫ್", "Joseph"), ("ಕಿರಣ್", "Kiran"), ("ದೀಪಾ", "Deepa"), ("ರಾಜೇಶ್", "Rajesh"),
    ("ಶ್ವೇತಾ", "Shwetha"), ("ವೆಂಕಟೇಶ್", "Venkatesh"), ("ಪುಷ್ಪಾ", "Pushpa"), ("ಚಂದ್ರಶೇಖರ್", "Chandrashekhar"), ("ಆಶಾ", "Asha"),
    ("ಹರೀಶ್", "Harish"), ("ಮಮತಾ", "Mamatha"), ("ಸಂತೋಷ್", "Santosh"), ("ಸುನೀತಾ", "Sunitha"), ("ಅರುಣ್", "Arun"),
    ("ಭಾಗ್ಯ", "Bhagya"), ("ರವಿ", "Ravi"), ("ಜ್ಯೋತಿ", "Jyothi"), ("ಇಮ್ರಾನ್", "Imran"), ("ಮೇರಿ", "Mary"),
)  # fmt: skip
PARTS_OF_DAY: Names = (
    ("ಬೆಳಿಗ್ಗೆ", "in the morning"), ("ಮಧ್ಯಾಹ್ನ", "in the afternoon"), ("ಸಂಜೆ", "in the evening"), ("ರಾತ್ರಿ", "at night"),
)  # fmt: skip
DAYS: Names = (("ಇಂದು", "today"), ("ನಾಳೆ", "tomorrow"), ("ನಿನ್ನೆ", "yesterday"), ("ನಾಡಿದ್ದು", "the day after tomorrow"))
SINCE: Names = (
    ("ನಿನ್ನೆಯಿಂದ", "since yesterday"), ("ಬೆಳಿಗ್ಗೆಯಿಂದ", "since morning"), ("ರಾತ್ರಿಯಿಂದ", "since night"),
    ("ಎರಡು ದಿನದಿಂದ", "for two days"), ("ಮೂರು ದಿನದಿಂದ", "for three days"), ("ಒಂದು ಗಂಟೆಯಿಂದ", "for one hour"),
    ("ಎರಡು ಗಂಟೆಯಿಂದ", "for two hours"), ("ಒಂದು ವಾರದಿಂದ", "for one week"),
)  # fmt: skip
HOMES: Names = (("ಮನೆಗೆ", "house"), ("ಅಂಗಡಿಗೆ", "shop"), ("ಕಚೇರಿಗೆ", "office"), ("ಹೊಲಕ್ಕೆ", "farm"))
SERVICES: Names = (
    ("ಹೊಸ ಸಂಪರ್ಕ", "a new connection"), ("ಹೊಸ ಮೀಟರ್", "a new meter"), ("ಹೆಸರು ಬದಲಾವಣೆ", "a name change"),
    ("ವಿಳಾಸ ಬದಲಾವಣೆ", "an address change"), ("ಬಿಲ್ ಪ್ರತಿ", "a copy of the bill"),
)  # fmt: skip
DEVICES: Names = (
    ("ಮೀಟರ್", "meter"), ("ಟ್ರಾನ್ಸ್‌ಫಾರ್ಮರ್", "transformer"), ("ಬೀದಿ ದೀಪ", "street light"), ("ವಿದ್ಯುತ್ ಕಂಬ", "electric pole"),
    ("ತಂತಿ", "wire"),
)  # fmt: skip
WAYS: Names = (("ಫೋನ್ ಪೇ", "PhonePe"), ("ಬ್ಯಾಂಕ್", "bank"), ("ಆನ್‌ಲೈನ್", "online"), ("ನಗದು", "cash"))


def english_names() -> list[str]:
    """Every word that is written with a capital."""
    tables = (PLACES, MONTHS, WEEKDAYS, PEOPLE, WAYS)
    words = {word for table in tables for _, english in table for word in english.split()}
    return sorted(word for word in words if word[0].isupper())

"""The desk's sentences as the embedded translator says them: numbers, names and dates come right."""

import pytest

from app.agents.flow import ELECTRICITY_DESK
from app.agents.flow_file import read
from app.config import Settings
from app.engines.base import EngineUnavailable
from app.engines.translation import load_to_kannada

SENTENCES = {
    "hello how can i help you?": "ನಮಸ್ಕಾರ ನಾನು ನಿಮಗೆ ಹೇಗೆ ಸಹಾಯ ಮಾಡಲಿ",
    "do you need anything else?": "ನಿಮಗೆ ಬೇರೆ ಏನಾದರೂ ಬೇಕೇ",
    "sorry i did not understand please say that again.": "ಕ್ಷಮಿಸಿ ನನಗೆ ಅರ್ಥವಾಗಲಿಲ್ಲ ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ",
    "thank you for calling.": "ಕರೆ ಮಾಡಿದ್ದಕ್ಕೆ ಧನ್ಯವಾದ",
    "please tell me your customer number.": "ದಯವಿಟ್ಟು ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ಹೇಳಿ",
    "please tell me your district.": "ದಯವಿಟ್ಟು ನಿಮ್ಮ ಜಿಲ್ಲೆ ಹೇಳಿ",
    "please tell me the meter reading.": "ದಯವಿಟ್ಟು ಮೀಟರ್ ಓದುವಿಕೆ ಹೇಳಿ",
    "please tell me what is broken.": "ಯಾವುದು ಕೆಟ್ಟಿದೆ ಹೇಳಿ",
    "that number is not in my records.": "ಆ ಸಂಖ್ಯೆ ನನ್ನ ದಾಖಲೆಯಲ್ಲಿ ಇಲ್ಲ",
    "that is not in my records.": "ಅದು ನನ್ನ ದಾಖಲೆಯಲ್ಲಿ ಇಲ್ಲ",
    "your customer number is 4521 is that right?": "ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು ಸರಿಯೇ",
    "your customer number is 520814 is that right?": "ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ಐದು ಎರಡು ಸೊನ್ನೆ ಎಂಟು ಒಂದು ನಾಲ್ಕು ಸರಿಯೇ",
    "Ramesh your bill for October is 845 rupees.": "ರಮೇಶ್ ನಿಮ್ಮ ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್ ಎಂಟುನೂರ ನಲವತ್ತೈದು ರೂಪಾಯಿ",
    "your bill for October is 2346 rupees.": "ನಿಮ್ಮ ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್ ಎರಡು ಸಾವಿರದ ಮುನ್ನೂರ ನಲವತ್ತಾರು ರೂಪಾಯಿ",
    "your pending amount is 845 rupees.": "ನಿಮ್ಮ ಬಾಕಿ ಮೊತ್ತ ಎಂಟುನೂರ ನಲವತ್ತೈದು ರೂಪಾಯಿ",
    "the last day to pay is November 15.": "ಕಟ್ಟಲು ಕೊನೆಯ ದಿನ ನವೆಂಬರ್ ಹದಿನೈದು",
    "please pay 845 rupees before November 15.": "ದಯವಿಟ್ಟು ನವೆಂಬರ್ ಹದಿನೈದರ ಮೊದಲು ಎಂಟುನೂರ ನಲವತ್ತೈದು ರೂಪಾಯಿ ಕಟ್ಟಿ",
    "you can pay by bank.": "ನೀವು ಬ್ಯಾಂಕ್ ಮೂಲಕ ಕಟ್ಟಬಹುದು",
    "we have received 240 rupees on November 4.": "ನವೆಂಬರ್ ನಾಲ್ಕರಂದು ಇನ್ನೂರ ನಲವತ್ತು ರೂಪಾಯಿ ನಮಗೆ ಬಂದಿದೆ",
    "your complaint has been registered the number is 70013.": "ನಿಮ್ಮ ದೂರು ದಾಖಲಾಗಿದೆ ಸಂಖ್ಯೆ ಏಳು ಸೊನ್ನೆ ಸೊನ್ನೆ ಒಂದು ಮೂರು",
    "your complaint number is 70011.": "ನಿಮ್ಮ ದೂರು ಸಂಖ್ಯೆ ಏಳು ಸೊನ್ನೆ ಸೊನ್ನೆ ಒಂದು ಒಂದು",
    "the lineman will come tomorrow at 10 in the morning.": "ಲೈನ್‌ಮನ್ ನಾಳೆ ಬೆಳಿಗ್ಗೆ ಹತ್ತು ಗಂಟೆಗೆ ಬರುತ್ತಾರೆ",
    "the street light will be repaired tomorrow.": "ಬೀದಿ ದೀಪ ನಾಳೆ ದುರಸ್ತಿ ಆಗುತ್ತದೆ",
    "the power in Mysuru will come back at 6 in the evening.": "ಮೈಸೂರಿನಲ್ಲಿ ಕರೆಂಟ್ ಸಂಜೆ ಆರು ಗಂಟೆಗೆ ಬರುತ್ತದೆ",
    "the power will come back in 2 hours.": "ಕರೆಂಟ್ ಎರಡು ಗಂಟೆಗಳಲ್ಲಿ ಬರುತ್ತದೆ",
    "your meter reading is 355.": "ನಿಮ್ಮ ಮೀಟರ್ ಓದುವಿಕೆ ಮೂರು ಐದು ಐದು",
    "is that right?": "ಸರಿಯೇ",
    "you used 45 units this month.": "ಈ ತಿಂಗಳು ನೀವು ನಲವತ್ತೈದು ಯೂನಿಟ್ ಬಳಸಿದ್ದೀರಿ",
    "the Kolar office opens at 10 in the morning.": "ಕೋಲಾರ ಕಚೇರಿ ಬೆಳಿಗ್ಗೆ ಹತ್ತು ಗಂಟೆಗೆ ತೆರೆಯುತ್ತದೆ",
    "a new meter costs 1150 rupees.": "ಹೊಸ ಮೀಟರ್‌ಗೆ ಒಂದು ಸಾವಿರದ ನೂರ ಐವತ್ತು ರೂಪಾಯಿ ಖರ್ಚಾಗುತ್ತದೆ",
}


async def test_sentences() -> None:
    try:
        translator = load_to_kannada(Settings())
    except EngineUnavailable as error:
        pytest.skip(str(error))
    try:
        kannada = {english: (await translator.translate(english)).rstrip(".?") for english in SENTENCES}
    finally:
        await translator.aclose()
    assert kannada == SENTENCES


def test_every_sentence_of_the_desk_is_shown_above() -> None:
    missing = [
        sentence.text
        for phrase in read(ELECTRICITY_DESK).phrases
        for sentence in phrase.sentences
        if not any(sentence.says(english) for english in SENTENCES)
    ]
    assert missing == []

"""What the agent says by itself."""

from app.config.section import Section


class Phrase(Section):
    kannada: str
    english: str


class PromptSettings(Section):
    """What the agent says by itself. Rendered once, before the first call."""

    greeting: Phrase = Phrase(
        kannada="ನಮಸ್ಕಾರ, ವಿದ್ಯುತ್ ಸಹಾಯವಾಣಿಗೆ ಸ್ವಾಗತ. ನಾನು ನಿಮಗೆ ಹೇಗೆ ಸಹಾಯ ಮಾಡಲಿ?",
        english="hello welcome to the electricity help line. how can i help you?",
    )
    no_input: Phrase = Phrase(kannada="ಹಲೋ, ನೀವು ಲೈನ್‌ನಲ್ಲಿ ಇದ್ದೀರಾ?", english="hello, are you there?")
    repeat: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಕೇಳಿಸಲಿಲ್ಲ. ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ.", english="sorry, i did not hear that. please say it again."
    )
    apology: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಸ್ವಲ್ಪ ತೊಂದರೆ ಆಗಿದೆ. ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ.",
        english="sorry, there is a small problem. please say it again.",
    )
    farewell: Phrase = Phrase(kannada="ಕರೆ ಮಾಡಿದ್ದಕ್ಕೆ ಧನ್ಯವಾದ. ನಮಸ್ಕಾರ.", english="thank you for calling. goodbye.")
    nobody: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಈಗ ಅಧಿಕಾರಿ ಲಭ್ಯವಿಲ್ಲ. ನಾನು ನಿಮಗೆ ಬೇರೆ ಏನಾದರೂ ಸಹಾಯ ಮಾಡಲೇ?",
        english="sorry, no officer is free now. can i help you with anything else?",
    )
    transfer: Phrase = Phrase(
        kannada="ದಯವಿಟ್ಟು ನಿರೀಕ್ಷಿಸಿ, ಅಧಿಕಾರಿಗೆ ಸಂಪರ್ಕಿಸುತ್ತಿದ್ದೇನೆ.", english="please wait, i am connecting you to an officer."
    )

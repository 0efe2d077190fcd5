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
    no_input_again: Phrase = Phrase(
        kannada="ನಿಮ್ಮ ಧ್ವನಿ ಕೇಳಿಸುತ್ತಿಲ್ಲ. ದಯವಿಟ್ಟು ಸ್ವಲ್ಪ ಜೋರಾಗಿ ಮಾತನಾಡಿ.",
        english="i cannot hear your voice. please speak a little louder.",
    )
    repeat: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಕೇಳಿಸಲಿಲ್ಲ. ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ.", english="sorry, i did not hear that. please say it again."
    )
    repeat_again: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಈಗಲೂ ಅರ್ಥವಾಗಲಿಲ್ಲ. ದಯವಿಟ್ಟು ಒಂದೇ ವಾಕ್ಯದಲ್ಲಿ, ನಿಧಾನವಾಗಿ ಹೇಳಿ.",
        english="sorry, i still did not understand. please say it slowly, in one sentence.",
    )
    keys: Phrase = Phrase(kannada="", english="")
    """Reads out the menu of keys to a caller who is silent or not understood. Empty: never said."""
    filler: Phrase = Phrase(kannada="ಒಂದು ನಿಮಿಷ.", english="one moment.")
    """Said when the reply is late, one of the three: after anything,"""
    filler_question: Phrase = Phrase(kannada="ಸರಿ, ನೋಡ್ತೀನಿ.", english="okay, let me see.")
    """after a question,"""
    filler_number: Phrase = Phrase(kannada="ಹಾಂ, ಬರೆದುಕೊಂಡೆ.", english="yes, i have noted it.")
    """after a number."""
    wait: Phrase = Phrase(kannada="ಸರಿ, ನಿಧಾನವಾಗಿ ನೋಡಿ.", english="okay, take your time.")
    """For a caller who asked for a moment."""
    apology: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಸ್ವಲ್ಪ ತೊಂದರೆ ಆಗಿದೆ. ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ.",
        english="sorry, there is a small problem. please say it again.",
    )
    time_is_up: Phrase = Phrase(
        kannada="ಈ ಕರೆ ಒಂದು ನಿಮಿಷದೊಳಗೆ ಮುಗಿಯುತ್ತದೆ. ಬೇರೆ ಏನಾದರೂ ಇದ್ದರೆ ಈಗ ಹೇಳಿ.",
        english="this call will end within a minute. if there is anything else please say it now.",
    )
    transfer: Phrase = Phrase(
        kannada="ದಯವಿಟ್ಟು ನಿರೀಕ್ಷಿಸಿ, ಅಧಿಕಾರಿಗೆ ಸಂಪರ್ಕಿಸುತ್ತಿದ್ದೇನೆ.", english="please wait, i am connecting you to an officer."
    )
    nobody: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಈಗ ಅಧಿಕಾರಿ ಲಭ್ಯವಿಲ್ಲ. ನಾನು ನಿಮಗೆ ಬೇರೆ ಏನಾದರೂ ಸಹಾಯ ಮಾಡಲೇ?",
        english="sorry, no officer is free now. can i help you with anything else?",
    )
    closed: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಕಚೇರಿ ಈಗ ಮುಚ್ಚಿದೆ. ನಾನು ನಿಮಗೆ ಬೇರೆ ಏನಾದರೂ ಸಹಾಯ ಮಾಡಲೇ?",
        english="sorry, the office is closed now. can i help you with anything else?",
    )
    voicemail: Phrase = Phrase(
        kannada="ನಮಸ್ಕಾರ, ವಿದ್ಯುತ್ ಸಹಾಯವಾಣಿಯಿಂದ ಕರೆ ಮಾಡಿದ್ದೆವು. ದಯವಿಟ್ಟು ನಮಗೆ ಕರೆ ಮಾಡಿ.",
        english="hello, we called from the electricity help line. please call us.",
    )
    """Left on an answering machine that took a call of ours."""
    message: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಅಧಿಕಾರಿ ಈಗ ಲಭ್ಯವಿಲ್ಲ. ಬೀಪ್ ಶಬ್ದದ ನಂತರ ನಿಮ್ಮ ಸಂದೇಶವನ್ನು ಹೇಳಿ.",
        english="sorry, no officer is free now. please leave your message after the beep.",
    )
    """For a caller who was put through and whom nobody answered, when a message is taken (call.message_s),"""
    call_later: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಅಧಿಕಾರಿ ಈಗ ಲಭ್ಯವಿಲ್ಲ. ದಯವಿಟ್ಟು ಸ್ವಲ್ಪ ಸಮಯದ ನಂತರ ಮತ್ತೆ ಕರೆ ಮಾಡಿ.",
        english="sorry, no officer is free now. please call again in a while.",
    )
    """and when none is."""
    farewell: Phrase = Phrase(kannada="ಕರೆ ಮಾಡಿದ್ದಕ್ಕೆ ಧನ್ಯವಾದ. ನಮಸ್ಕಾರ.", english="thank you for calling. goodbye.")

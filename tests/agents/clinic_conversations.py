"""What callers of the clinic's desk say, what they hear, and the appointments that stand afterwards.

The clock stands at eight in the morning of Thursday, November 26, 2026. Doctor Shobha, who comes from Monday to Friday
in the morning, is full on Friday; Lakshmi has an appointment with doctor Anand on Saturday.
"""

MORE = "can i help you with anything else?"
UNCLEAR = "sorry i did not understand. please say that again."
WHICH = "which doctor or which department would you like to see?"
DAY = "which day would you like to come?"
PART = "would you like to come in the morning or in the evening?"
NAME = "please tell me the name of the patient."
PHONE = "please tell me your phone number."
NONE = "there is no appointment for that phone number. please tell me the phone number that it was made with."
EARLY = "please come 10 minutes early."
BYE = "thank you for calling. stay well. [hang_up]"


def right(phone: str) -> str:
    return f"your phone number is {phone}. is that right?"


ANAND = "doctor Anand can see Ramesh on Friday November 27 at 10 in the morning. shall i book it?"
SHOBHA = (
    "doctor Shobha can see Ravi on Monday November 30 at 10 in the morning. "
    "nothing is free on Friday November 27 in the morning. shall i book it?"
)
LAKSHMI = "the appointment of Lakshmi with doctor Anand is on Saturday November 28 at 10 in the morning."

Row = tuple[str, str, int, str, str]
"""Doctor, date, minute of the day, name, phone."""

KEPT: Row = ("doctor Anand", "2026-11-28", 600, "Lakshmi", "9845012345")

CONVERSATIONS: dict[str, tuple[list[tuple[str, str]], list[Row]]] = {
    "everything is asked for": (
        [
            ("hello", "how can i help you?"),
            ("i want to book an appointment", WHICH),
            ("i want to see doctor Anand", DAY),
            ("tomorrow", PART),
            ("in the morning", NAME),
            ("Ramesh", PHONE),
            ("9845011111", right("9845011111")),
            ("yes", ANAND),
            ("yes", "your appointment with doctor Anand is on Friday November 27 at 10 in the morning. "
                    f"{EARLY} {MORE}"),
            ("no thank you", BYE),
        ],
        [KEPT, ("doctor Anand", "2026-11-27", 600, "Ramesh", "9845011111")],
    ),
    "said in one breath, by department, at a time": (
        [
            ("i want to see a skin doctor on Friday evening at 6", NAME),
            ("my name is Suma Rao", PHONE),
            ("my phone number is 98450 22222", right("9845022222")),
            ("yes", "doctor Kavitha can see Suma Rao on Friday November 27 at 6 in the evening. shall i book it?"),
            ("yes that is right", "your appointment with doctor Kavitha is on Friday November 27 at 6 in the evening. "
                                  f"{EARLY} {MORE}"),
        ],
        [KEPT, ("doctor Kavitha", "2026-11-27", 1080, "Suma Rao", "9845022222")],
    ),
    "a full day, another one is offered": (
        [
            ("i want to see doctor Shobha tomorrow morning", NAME),
            ("Ravi", PHONE),
            ("9845033333", right("9845033333")),
            ("yes", SHOBHA),
            ("yes", "your appointment with doctor Shobha is on Monday November 30 at 10 in the morning. "
                    f"{EARLY} {MORE}"),
        ],
        [KEPT, ("doctor Shobha", "2026-11-30", 600, "Ravi", "9845033333")],
    ),
    "a full day, and the caller wants yet another": (
        [
            ("i want to see doctor Shobha tomorrow morning", NAME),
            ("Ravi", PHONE),
            ("9845033333", right("9845033333")),
            ("yes", SHOBHA),
            ("no", DAY),
            ("on the 1st of December", "doctor Shobha can see Ravi on Tuesday December 1 at 10 in the morning. "
                                       "shall i book it?"),
            ("okay", "your appointment with doctor Shobha is on Tuesday December 1 at 10 in the morning. "
                     f"{EARLY} {MORE}"),
        ],
        [KEPT, ("doctor Shobha", "2026-12-01", 600, "Ravi", "9845033333")],
    ),
    "a closed day": (
        [
            ("i want to see doctor Anand on Sunday morning", NAME),
            ("Ramesh", PHONE),
            ("9845011111", right("9845011111")),
            ("yes", "doctor Anand can see Ramesh on Monday November 30 at 10 in the morning. "
                    "nothing is free on Sunday November 29 in the morning. shall i book it?"),
            ("no", DAY),
            ("December 30", f"i can only book for the next three weeks. {DAY}"),
            ("no", MORE),
        ],
        [KEPT],
    ),
    "an unknown doctor": (
        [
            ("i want an appointment with doctor Zubin", "there is no doctor Zubin at this clinic. "
                                                        "please tell me the doctor or the department."),
            ("children", DAY),
        ],
        [KEPT],
    ),
    "a doctor that nobody knows, again and again": (
        [
            ("i want an appointment with doctor Zubin", "there is no doctor Zubin at this clinic. "
                                                        "please tell me the doctor or the department."),
            ("doctor Zubin", "there is no doctor Zubin at this clinic. please tell me the doctor or the department."),
            ("doctor Zubin", "[transfer]"),
        ],
        [KEPT],
    ),
    "the day is corrected, then the name": (
        [
            ("book an appointment with doctor Anand on Saturday evening", NAME),
            ("Ramesh", PHONE),
            ("9845011112", right("9845011112")),
            ("no 9845011111", right("9845011111")),
            ("yes", "doctor Anand can see Ramesh on Saturday November 28 at 5 in the evening. shall i book it?"),
            ("no on Monday", "doctor Anand can see Ramesh on Monday November 30 at 5 in the evening. shall i book it?"),
            ("no the name is Ramya",
             "doctor Anand can see Ramya on Monday November 30 at 5 in the evening. shall i book it?"),
            ("yes", "your appointment with doctor Anand is on Monday November 30 at 5 in the evening. "
                    f"{EARLY} {MORE}"),
        ],
        [KEPT, ("doctor Anand", "2026-11-30", 1020, "Ramya", "9845011111")],
    ),
    "moved, asked for, cancelled": (
        [
            ("i cannot come on Saturday give me another day", PHONE),
            ("9845012345", right("9845012345")),
            ("yes", PART),
            ("evening", "doctor Anand can see Lakshmi on Saturday November 28 at 5 in the evening. "
                        "shall i move the appointment?"),
            ("no", DAY),
            ("Monday", "doctor Anand can see Lakshmi on Monday November 30 at 5 in the evening. "
                       "shall i move the appointment?"),
            ("yes", "the appointment is now on Monday November 30 at 5 in the evening with doctor Anand. " + MORE),
            ("when is my appointment", "the appointment of Lakshmi with doctor Anand is on Monday November 30 "
                                       f"at 5 in the evening. {MORE}"),
            ("cancel my appointment", "the appointment of Lakshmi with doctor Anand is on Monday November 30 "
                                      "at 5 in the evening. shall i cancel it?"),
            ("yes", f"your appointment is cancelled. {MORE}"),
            ("when is my appointment", NONE),
        ],
        [],
    ),
    "not cancelled after all": (
        [
            ("cancel my appointment", PHONE),
            ("9845012345", right("9845012345")),
            ("yes", f"{LAKSHMI} shall i cancel it?"),
            ("no", MORE),
            ("no", BYE),
        ],
        [KEPT],
    ),
    "cancel without an appointment": (
        [
            ("cancel my appointment", PHONE),
            ("9845044444", right("9845044444")),
            ("yes", NONE),
            ("9845012345", right("9845012345")),
            ("yes", f"{LAKSHMI} shall i cancel it?"),
            ("no", MORE),
            ("no", BYE),
        ],
        [KEPT],
    ),
    "someone else's appointment": (
        [
            ("cancel appointment number 5001", PHONE),
            ("9845044444", right("9845044444")),
            ("yes", "that appointment is not in my records. please tell me the phone number that it was made with."),
        ],
        [KEPT],
    ),
    "questions": (
        [
            ("where is the clinic", "the clinic is on Temple Road opposite the bus stand."),
            ("are you open on Sunday", "the clinic is closed on Sunday November 29."),
            ("when is the clinic open",
             "the clinic is open from Monday to Saturday from 9 in the morning to 8 in the evening."),
            ("what is the consultation fee", "the fee is 300 to 500 rupees. it depends on the doctor."),
            ("how much does the skin doctor charge", "the fee of doctor Kavitha is 450 rupees."),
            ("when is dr prakash there", "doctor Prakash is here Tuesday, Thursday and Saturday in the evening."),
            ("is doctor Prakash there tomorrow",
             "doctor Prakash is here Tuesday, Thursday and Saturday in the evening. "
             "doctor Prakash is not here on Friday November 27."),
            ("is doctor Anand there tomorrow", "doctor Anand is here on Friday November 27 "
                                               "from 10 in the morning and from 5 in the evening."),
            ("what are the timings of the doctor", WHICH),
            ("Shobha", "doctor Shobha is here Monday to Friday in the morning."),
        ],
        [KEPT],
    ),
    "a report": (
        [
            ("is my report ready", "please tell me the number of your report."),
            ("70013", "your report number is 70013. is that right?"),
            ("yes", "that report is not in my records. please tell me the number of your report."),
            ("70031", "your report number is 70031. is that right?"),
            ("yes", "the report of your blood test is ready. "
                    f"you can collect it at the clinic until 8 in the evening. {MORE}"),
            ("is the report with number 70033 ready", "your report number is 70033. is that right?"),
            ("yes", f"the report of your x-ray will be ready tomorrow at 5 in the evening. {MORE}"),
        ],
        [KEPT],
    ),
    "the reception": ([("i want to talk to the reception", "[transfer]")], [KEPT]),
    "never understood": ([("i like dosa", UNCLEAR), ("it is raining", UNCLEAR), ("i like dosa", "[transfer]")], [KEPT]),
}  # fmt: skip

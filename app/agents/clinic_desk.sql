-- A sample for the clinic desk. Every doctor, patient and number here is invented.
--
-- Nothing here grows old: days and free times are views, counted from today in India. What calls write is only added to:
-- a change of mind is a row of its own, so one wish is one row, however often it is written.

CREATE TABLE doctors (
    name TEXT PRIMARY KEY,
    department TEXT NOT NULL,
    fee INTEGER NOT NULL,       -- rupees
    days TEXT NOT NULL          -- as it is told
);

-- How callers name a doctor: with the title or without it.
CREATE VIEW called AS
    SELECT lower(name) AS said, name FROM doctors
    UNION ALL SELECT lower(replace(name, 'doctor', 'dr')), name FROM doctors
    UNION ALL SELECT lower(replace(name, 'doctor ', '')), name FROM doctors;

-- What callers call a department.
CREATE TABLE departments (said TEXT PRIMARY KEY COLLATE NOCASE, department TEXT NOT NULL);

-- When a doctor sees patients: on weekday 0 (Sunday) to 6, from `opens` until before `closes`, in minutes of the day.
CREATE TABLE hours (
    doctor TEXT NOT NULL REFERENCES doctors,
    weekday INTEGER NOT NULL,
    part TEXT NOT NULL,         -- morning or evening
    opens INTEGER NOT NULL,
    closes INTEGER NOT NULL
);

CREATE TABLE holidays (date TEXT PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE reports (number TEXT PRIMARY KEY, test TEXT NOT NULL, ready TEXT);    -- ready: empty when it is there

-- Written by calls: at most one row for a wish, which is a call and a position in its conversation.
CREATE TABLE appointments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    call_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    doctor TEXT NOT NULL REFERENCES doctors,
    date TEXT NOT NULL,
    minute INTEGER NOT NULL,    -- of the day
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    replaces INTEGER REFERENCES appointments,
    UNIQUE (call_id, position)
);

CREATE TABLE cancellations (
    call_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    appointment INTEGER NOT NULL REFERENCES appointments,
    UNIQUE (call_id, position)
);

-- What a wish took back: an appointment that was cancelled or moved.
CREATE VIEW taken_back AS
    SELECT appointment, call_id, position FROM cancellations
    UNION ALL SELECT replaces, call_id, position FROM appointments WHERE replaces IS NOT NULL;

CREATE VIEW now AS SELECT date('now', '+330 minutes') AS date, strftime('%H', 'now', '+330 minutes') * 60
    + strftime('%M', 'now', '+330 minutes') AS minute;

-- Today and the next three weeks, and how a date is told.
CREATE VIEW days AS
    WITH RECURSIVE ahead (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM ahead WHERE n < 21),
    dates AS (SELECT n, date((SELECT date FROM now), n || ' days') AS date FROM ahead),
    parts AS (
        SELECT n, date, CAST(strftime('%w', date) AS INTEGER) AS weekday, CAST(strftime('%d', date) AS INTEGER) AS day,
            CAST(strftime('%m', date) AS INTEGER) AS month
        FROM dates
    ),
    named AS (
        SELECT n, date, weekday, day,
            CASE weekday WHEN 0 THEN 'Sunday' WHEN 1 THEN 'Monday' WHEN 2 THEN 'Tuesday' WHEN 3 THEN 'Wednesday'
                WHEN 4 THEN 'Thursday' WHEN 5 THEN 'Friday' ELSE 'Saturday' END AS weekday_name,
            CASE month WHEN 1 THEN 'January' WHEN 2 THEN 'February' WHEN 3 THEN 'March' WHEN 4 THEN 'April'
                WHEN 5 THEN 'May' WHEN 6 THEN 'June' WHEN 7 THEN 'July' WHEN 8 THEN 'August' WHEN 9 THEN 'September'
                WHEN 10 THEN 'October' WHEN 11 THEN 'November' ELSE 'December' END AS month_name,
            CASE WHEN day IN (1, 21, 31) THEN 'st' WHEN day IN (2, 22) THEN 'nd' WHEN day IN (3, 23) THEN 'rd'
                ELSE 'th' END AS suffix
        FROM parts
    )
    SELECT *, weekday_name || ' ' || month_name || ' ' || day AS told FROM named;

-- How callers say a day. A weekday is the next one: who means today says so.
CREATE TABLE ways (way INTEGER PRIMARY KEY);
INSERT INTO ways VALUES (1), (2), (3), (4), (5), (6), (7);
CREATE VIEW said_days AS
    SELECT n, date, CASE way
            WHEN 1 THEN CASE n WHEN 0 THEN 'today' WHEN 1 THEN 'tomorrow' WHEN 2 THEN 'day after tomorrow' END
            WHEN 2 THEN CASE WHEN n BETWEEN 1 AND 7 THEN lower(weekday_name) END
            WHEN 3 THEN lower(month_name) || ' ' || day
            WHEN 4 THEN day || ' ' || lower(month_name)
            WHEN 5 THEN day || suffix
            WHEN 6 THEN day || suffix || ' ' || lower(month_name)
            ELSE day || suffix || ' of ' || lower(month_name)
        END AS said
    FROM days CROSS JOIN ways;

-- Every half hour in which a doctor sees somebody from now on, and which wish holds it, if any.
CREATE VIEW slots AS
    WITH RECURSIVE halves (minute) AS (SELECT 0 UNION ALL SELECT minute + 30 FROM halves WHERE minute < 1410)
    SELECT hours.doctor, days.n, days.date, days.told, hours.part, halves.minute,
        ((halves.minute / 60 + 11) % 12 + 1) || CASE halves.minute % 60 WHEN 0 THEN '' ELSE ':30' END
            || ' in the ' || hours.part AS time,
        appointments.call_id, appointments.position
    FROM days
    JOIN hours ON hours.weekday = days.weekday
    JOIN halves ON halves.minute >= hours.opens AND halves.minute < hours.closes
    LEFT JOIN appointments ON appointments.doctor = hours.doctor AND appointments.date = days.date
        AND appointments.minute = halves.minute
        AND appointments.id NOT IN (SELECT appointment FROM taken_back)
    WHERE (days.n > 0 OR halves.minute > (SELECT minute FROM now))
        AND days.date NOT IN (SELECT date FROM holidays);

INSERT INTO doctors VALUES
    ('doctor Anand', 'general medicine', 300, 'Monday to Saturday in the morning and in the evening'),
    ('doctor Shobha', 'children', 400, 'Monday to Friday in the morning'),
    ('doctor Prakash', 'bones', 500, 'Tuesday, Thursday and Saturday in the evening'),
    ('doctor Kavitha', 'skin', 450, 'Monday, Wednesday and Friday in the evening'),
    ('doctor Nandini', 'women', 500, 'Monday to Saturday in the morning'),
    ('doctor Farooq', 'eyes', 350, 'Wednesday and Saturday in the morning');

INSERT INTO departments VALUES
    ('general', 'general medicine'), ('fever', 'general medicine'), ('cold', 'general medicine'),
    ('cough', 'general medicine'), ('sugar', 'general medicine'), ('children', 'children'), ('child', 'children'),
    ('baby', 'children'), ('bone', 'bones'), ('bones', 'bones'), ('knee', 'bones'), ('back pain', 'bones'),
    ('skin', 'skin'), ('hair', 'skin'), ('women', 'women'), ('pregnancy', 'women'), ('eye', 'eyes'), ('eyes', 'eyes');

INSERT INTO hours
    SELECT doctor, weekday, part, opens * 60, closes * 60 FROM (
        SELECT 'doctor Anand' AS doctor, 'morning' AS part, 10 AS opens, 12 AS closes, '123456' AS weekdays
        UNION ALL SELECT 'doctor Anand', 'evening', 17, 20, '123456'
        UNION ALL SELECT 'doctor Shobha', 'morning', 10, 12, '12345'
        UNION ALL SELECT 'doctor Prakash', 'evening', 17, 19, '246'
        UNION ALL SELECT 'doctor Kavitha', 'evening', 17, 19, '135'
        UNION ALL SELECT 'doctor Nandini', 'morning', 9, 12, '123456'
        UNION ALL SELECT 'doctor Farooq', 'morning', 10, 12, '36'
    )
    JOIN (SELECT 1 AS weekday UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6)
        ON instr(weekdays, weekday);

INSERT INTO holidays VALUES ('2026-12-25', 'Christmas'), ('2027-01-26', 'Republic Day'), ('2027-08-15', 'Independence Day');

INSERT INTO reports VALUES
    ('70031', 'blood test', ''), ('70032', 'sugar test', ''), ('70033', 'x-ray', 'tomorrow at 5 in the evening'),
    ('70034', 'thyroid test', 'today at 7 in the evening');

-- The next day of doctor Shobha is full, and somebody has an appointment with doctor Anand.
INSERT INTO appointments (id, call_id, position, doctor, date, minute, name, phone)
    SELECT 4000 + minute, 'sample', minute, 'doctor Shobha', date, minute, 'Sample', '9000000000' FROM slots
    WHERE doctor = 'doctor Shobha' AND n = (SELECT min(n) FROM slots WHERE doctor = 'doctor Shobha' AND n > 0);
INSERT INTO appointments (id, call_id, position, doctor, date, minute, name, phone)
    SELECT 5001, 'sample', 1, doctor, date, minute, 'Lakshmi', '9845012345' FROM slots
    WHERE doctor = 'doctor Anand' AND n >= 2 ORDER BY n, minute LIMIT 1;

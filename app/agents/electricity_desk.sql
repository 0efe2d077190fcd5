-- A sample for the electricity desk. Every person, number and amount here is invented.

CREATE TABLE customers (
    number TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    district TEXT NOT NULL,
    last_reading INTEGER NOT NULL
);

CREATE TABLE bills (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL REFERENCES customers,
    month TEXT NOT NULL,
    amount INTEGER NOT NULL,    -- rupees
    due TEXT NOT NULL,
    paid INTEGER NOT NULL       -- 0 or 1
);

CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL REFERENCES customers,
    amount INTEGER NOT NULL,
    date TEXT NOT NULL
);

-- Written by calls: at most one row for a wish, which is a call and a position in its conversation.
CREATE TABLE complaints (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    call_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    number TEXT,
    district TEXT NOT NULL,
    about TEXT NOT NULL,
    visit TEXT,
    UNIQUE (call_id, position)
);

CREATE TABLE readings (
    call_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    number TEXT NOT NULL REFERENCES customers,
    reading INTEGER NOT NULL,
    UNIQUE (call_id, position)
);

CREATE TABLE outages (district TEXT PRIMARY KEY, back TEXT NOT NULL);

CREATE TABLE services (name TEXT PRIMARY KEY, price INTEGER NOT NULL);

INSERT INTO customers VALUES
    ('4521', 'Ramesh', 'Mysuru', 310),
    ('7308', 'Lakshmi', 'Mandya', 122),
    ('2694', 'Suresh', 'Hassan', 545),
    ('9150', 'Geetha', 'Tumakuru', 87),
    ('6847', 'Manjunath', 'Bengaluru', 401),
    ('3072', 'Savitha', 'Udupi', 266),
    ('5918', 'Basavaraj', 'Haveri', 713),
    ('8463', 'Anitha', 'Shivamogga', 158),
    ('1736', 'Shivakumar', 'Dharwad', 634),
    ('48205', 'Kavya', 'Kolar', 95),
    ('73961', 'Prakash', 'Raichur', 372),
    ('520814', 'Nagaraj', 'Gadag', 489);

INSERT INTO bills (number, month, amount, due, paid) VALUES
    ('4521', 'September', 712, 'October 15', 1), ('4521', 'October', 845, 'November 15', 0),
    ('7308', 'September', 430, 'October 20', 1), ('7308', 'October', 480, 'November 20', 0),
    ('2694', 'September', 1250, 'October 12', 0), ('2694', 'October', 1372, 'November 12', 0),
    ('9150', 'September', 215, 'October 18', 1), ('9150', 'October', 240, 'November 18', 1),
    ('6847', 'September', 2130, 'October 10', 1), ('6847', 'October', 2346, 'November 10', 0),
    ('3072', 'September', 590, 'October 22', 1), ('3072', 'October', 625, 'November 22', 0),
    ('5918', 'September', 1875, 'October 14', 1), ('5918', 'October', 1934, 'November 14', 0),
    ('8463', 'September', 340, 'October 16', 1), ('8463', 'October', 356, 'November 16', 1),
    ('1736', 'September', 968, 'October 19', 1), ('1736', 'October', 1120, 'November 19', 0),
    ('48205', 'September', 275, 'October 21', 1), ('48205', 'October', 298, 'November 21', 0),
    ('73961', 'September', 1460, 'October 13', 1), ('73961', 'October', 1582, 'November 13', 0),
    ('520814', 'September', 815, 'October 17', 1), ('520814', 'October', 870, 'November 17', 0);

INSERT INTO payments (number, amount, date) VALUES
    ('4521', 712, 'October 12'),
    ('7308', 430, 'October 18'),
    ('9150', 215, 'October 16'), ('9150', 240, 'November 4'),
    ('6847', 2130, 'October 8'),
    ('3072', 590, 'October 21'),
    ('5918', 1875, 'October 11'),
    ('8463', 340, 'October 14'), ('8463', 356, 'November 6'),
    ('1736', 968, 'October 17'),
    ('48205', 275, 'October 20'),
    ('73961', 1460, 'October 9'),
    ('520814', 815, 'October 15');

INSERT INTO complaints (id, call_id, position, number, district, about, visit) VALUES
    (70011, 'sample', 1, '2694', 'Hassan', 'meter', 'tomorrow at 10 in the morning'),
    (70012, 'sample', 2, '5918', 'Haveri', 'power', 'tomorrow at 4 in the evening');

INSERT INTO outages VALUES
    ('Mysuru', 'at 6 in the evening'),
    ('Mandya', 'at 9 at night'),
    ('Kolar', 'at 5 in the evening'),
    ('Dharwad', 'at 7 in the evening');

INSERT INTO services VALUES
    ('a new connection', 2540),
    ('a new meter', 1150),
    ('a name change', 120),
    ('a copy of the bill', 25);

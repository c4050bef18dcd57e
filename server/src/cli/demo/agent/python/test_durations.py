import unittest

from durations import parse_duration
from timesheet import total


class Durations(unittest.TestCase):
    def test_one_unit(self):
        self.assertEqual(parse_duration("90s"), 90)
        self.assertEqual(parse_duration(" 45m "), 2700)

    def test_several_units(self):
        self.assertEqual(parse_duration("1h30m"), 5400)
        self.assertEqual(parse_duration("2h 5m 10s"), 7510)

    def test_what_is_no_duration(self):
        for text in ["", "soon", "1h30"]:
            with self.subTest(text), self.assertRaises(ValueError):
                parse_duration(text)


class Timesheets(unittest.TestCase):
    def test_the_total(self):
        self.assertEqual(total(["45m\treview\n", "\n", "1h15m\twriting\n"]), 7200)

"""Small sums, for the tests of tasks."""


def add(left, right):
    return left - right


def double(number):
    return number + number


def greet(name):
    return "hello " + nmae


def triple(number):
    return number + number


def quarter(number):
    return number / 5

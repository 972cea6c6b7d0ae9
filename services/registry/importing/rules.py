"""Why a file, or a row of it, is not recorded. A docstring is the rule and its source, or that it is ours."""

from services.chassis.errors import Refused

# -- The file


class EmptyFile(Refused):
    """A file has a header and at least one row (house rule)."""


class NotUtf8(Refused):
    """A CSV file is UTF-8 from its first byte to its last, with or without a byte order mark (RFC 3629)."""


class BrokenQuotes(Refused):
    """A quoted cell of a CSV file ends with the quote that began it (RFC 4180)."""


class NotAWorkbook(Refused):
    """A workbook is an unencrypted .xlsx file that can be read to its end (ECMA-376)."""


class InflatesTooFar(Refused):
    """A workbook unpacks to no more than its written bound: it must not fill the memory (house rule)."""


class OneSheet(Refused):
    """A workbook has one sheet, so that nothing is imported, or left out, unseen (house rule)."""


class MergedCells(Refused):
    """Every row of a sheet says all of itself: a merged cell leaves its neighbours empty (house rule)."""


class TooManyRows(Refused):
    """A file has no more rows than the written bound; a province has some 105,000 members (house rule)."""


# -- Its header


class MissingColumn(Refused):
    """A file has every column that its rows need (house rule)."""


class UnknownColumn(Refused):
    """A column nobody reads is refused: it may be a misspelt one (house rule)."""


class ColumnTwice(Refused):
    """A column stands in a file once (house rule)."""


class WrongLength(Refused):
    """A row has as many cells as the header has columns (RFC 4180)."""


# -- A cell


class FormulaInCell(Refused):
    """No cell begins with = + - @ or a tab: a spreadsheet would run it (OWASP, CSV Injection)."""


class NotADay(Refused):
    """A day is written 2024-11-05 (ISO 8601) or is a date cell; 05/11/2024 could be two days (house rule)."""


class NotText(Refused):
    """A cell is text, a whole number or a date; anything else was changed by a spreadsheet (house rule)."""


class LostCharacters(Refused):
    """No cell holds U+FFFD: it stands where an earlier program could not read a letter (Unicode 23.8)."""


class Malformed(Refused):
    """A cell has the form that the same field has in the command over HTTP (openapi.json)."""


# -- A row among others


class CodeTwice(Refused):
    """A code stands in a file once (house rule)."""


class ExternalIdTwice(Refused):
    """An external id names one organization, or one member, and not two (house rule)."""


class DiffersFromRecorded(Refused):
    """What was recorded is not changed by an import: a change is a decision of its own (house rule)."""


class OutsideSubtree(Refused):
    """An officer imports what stands in the officer's own subtree (house rule)."""


class ParentsInACircle(Refused):
    """No organization stands beneath itself (house rule)."""


class SamePersonPerhaps(Refused):
    """Two codes with one name and birth date may be one person: flagged only (house rule)."""

"""What a file is, by its first bytes; its name is never asked for these."""

from __future__ import annotations

import re

from knowledgeweaver.reading.text import Unreadable
from knowledgeweaver.reading.zipped import check_archive

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
# A DOCX with a password is an old Office file with the encrypted archive as a part of this name.
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
# What others use, and nothing here reads; the text says what it is.
_OTHERS = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (_OLD_OFFICE, "an old Office file"),
    (b"{\\rtf", "a rich text file"),
    (b"%!PS", "a PostScript file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3\x00", "a database"),
)
# A text may begin with these letters, too: they count where bytes follow that no text has.
_LETTERS = (
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "sound, a film or a picture"),
    (b"OggS", "sound or a film"),
    (b"ID3", "sound"),
    (b"BZh", "a bzip2 archive"),
    (b"Rar!", "a RAR archive"),
)
#: The bytes that are looked at for such.
_HEAD = 1024
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# The version stands alone in its line; "%PDF-1.7 is how it begins" is a sentence.
_PDF = re.compile(rb"%PDF-\d\.\d(?![ \t]*[A-Za-z,.])")


def kind_of(data: bytes) -> str:
    """ "pdf", "docx", or "text" for what must be looked at as text.

    Raises Unreadable: unsupported for a format that is known and not read, damaged for an archive
    that is broken.
    """
    head = data[:_HEAD]
    binary = _NO_TEXT.search(head) is not None
    # Before the header a PDF may have anything; in a text it may be mentioned.
    if (found := _PDF.search(head)) and (found.start() == 0 or binary or b"\nendobj" in data):
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        names = set(check_archive(data).namelist())
        if "word/document.xml" in names:
            return "docx"
        raise Unreadable("unsupported", "a ZIP archive that is no DOCX")
    if data.startswith(_OLD_OFFICE) and _ENCRYPTED_PART in data:
        raise Unreadable("encrypted", "an Office file that asks for a password")
    for start, what in (*_OTHERS, *(_LETTERS if binary else ())):
        if data.startswith(start):
            raise Unreadable("unsupported", what)
    if binary and data[4:8] == b"ftyp":
        raise Unreadable("unsupported", "a film")
    return "text"

"""What a file is, by its first bytes; its name is never asked for these."""

from __future__ import annotations

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
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"RIFF", "sound, a film or a picture"),
    (b"OggS", "sound or a film"),
    (b"ID3", "sound"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (_OLD_OFFICE, "an old Office file"),
    (b"{\\rtf", "a rich text file"),
    (b"%!PS", "a PostScript file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3\x00", "a database"),
)


def kind_of(data: bytes) -> str:
    """ "pdf", "docx", or "text" for what must be looked at as text.

    Raises Unreadable: unsupported for a format that is known and not read, damaged for an archive
    that is broken.
    """
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        names = set(check_archive(data).namelist())
        if "word/document.xml" in names:
            return "docx"
        raise Unreadable("unsupported", "a ZIP archive that is no DOCX")
    if data.startswith(_OLD_OFFICE) and _ENCRYPTED_PART in data:
        raise Unreadable("encrypted", "an Office file that asks for a password")
    for start, what in _OTHERS:
        if data.startswith(start):
            raise Unreadable("unsupported", what)
    if data[4:8] == b"ftyp":
        raise Unreadable("unsupported", "a film")
    return "text"

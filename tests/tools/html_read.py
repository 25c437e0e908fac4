"""Parse HTML into a list of elements with attributes, and the text."""

from __future__ import annotations

from html.parser import HTMLParser

EVIL = "<script>alert('a')</script>\"&amp;"  # a possible name in a file


class Read(HTMLParser):
    """`elements` (name, attributes) in order, and all `text`."""

    def __init__(self, markup):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Add an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Add a piece of text."""
        self.text += data

    def of(self, tag, class_=None):
        """The attributes of all elements with this name and, if given, this class."""
        return [a for name, a in self.elements if name == tag and class_ in (None, a.get("class"))]

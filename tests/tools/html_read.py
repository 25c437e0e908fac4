"""An HTML file as a browser would read it: its elements with their attributes, and its text."""

from __future__ import annotations

from html.parser import HTMLParser

EVIL = "<script>alert('a')</script>\"&amp;"  # what a name in a file may be


class Read(HTMLParser):
    """`elements` (name, attributes) in order, and all `text`."""

    def __init__(self, markup):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Note a piece of text."""
        self.text += data

    def of(self, tag, class_=None):
        """The attributes of every element of that name, and of that class if given."""
        return [a for name, a in self.elements if name == tag and class_ in (None, a.get("class"))]

"""The link check of ./dev docs finds what leads nowhere."""

import tempfile
import unittest
from pathlib import Path

from docs import broken_links

PAGE = """# A page

[good](other.md) [heading](other.md#the-second-part) [here](#a-page) [web](https://example.org)
[gone](missing.md) [no heading](other.md#third)
```
[in code](missing.md)
```
"""


class Links(unittest.TestCase):
    def test_files_and_headings_that_are_not_there_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text(PAGE)
            (Path(folder) / "other.md").write_text("# Other\n\n## The second part\n")
            self.assertEqual(
                broken_links(page),
                ["missing.md: no such file", "other.md#third: no such heading"],
            )


if __name__ == "__main__":
    unittest.main()

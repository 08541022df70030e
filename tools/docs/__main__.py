"""Write the pages, from the folder of the repository: `python -m tools.docs`."""

from tools.docs.pages import FOLDER, pages

for name, text in pages().items():
    (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"docs/reference/{name}")

"""Turns the published Omniglot folders into the arrays that omniglot-maml.json5 reads.

Download images_background.zip and images_evaluation.zip from the repository brendenlake/omniglot
(folder python/), unpack both, and run

    python3 prepare.py images_background images_evaluation

It writes train.npy and test.npy beside itself: uint8 [character, drawing, 28, 28], ink bright. The
first folder is trained on, the second tested on. It needs numpy and pillow.
"""

import os
import sys

import numpy as np
from PIL import Image

SIDE = 28
DRAWINGS = 20


def characters(folder):
    """The folders of single characters: alphabet/characterNN/."""
    for alphabet in sorted(os.listdir(folder)):
        path = os.path.join(folder, alphabet)
        if not os.path.isdir(path):
            continue
        for character in sorted(os.listdir(path)):
            inner = os.path.join(path, character)
            if os.path.isdir(inner):
                yield inner


def drawing(path):
    """One drawing, shrunk, with ink bright: the files are black on white."""
    image = Image.open(path).convert("L").resize((SIDE, SIDE), Image.LANCZOS)
    return 255 - np.asarray(image, dtype=np.uint8)


def array(folder):
    result = []
    for character in characters(folder):
        names = sorted(name for name in os.listdir(character) if name.endswith(".png"))
        if len(names) < DRAWINGS:
            sys.exit(f"{character}: {len(names)} drawings, expected {DRAWINGS}")
        result.append([drawing(os.path.join(character, name)) for name in names[:DRAWINGS]])
    if not result:
        sys.exit(f"{folder}: no alphabet/character folders in it")
    return np.stack([np.stack(drawings) for drawings in result])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    for name, folder in (("train.npy", sys.argv[1]), ("test.npy", sys.argv[2])):
        data = array(folder)
        np.save(os.path.join(here, name), data)
        print(f"{name}: {data.shape}")


if __name__ == "__main__":
    main()

"""What is published where: address, SHA-256, size, licence and citation of every real file the course uses.

The SHA-256 values are pins: a file with another one is refused, whoever serves it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedFile:
    """One downloadable file; ``file`` is its name at any mirror."""

    file: str
    url: str
    sha256: str
    megabytes: int


@dataclass(frozen=True)
class Description:
    """What a data set is, in words for ``grader data list`` and ``grader data fetch``."""

    title: str
    download: PublishedFile
    terms: str


WEIGHTS_FILE = "resnet18-f37072fd.pth"  # torchvision's own name: it ends in the first digits of the file's SHA-256

DESCRIPTIONS = {
    "movielens": Description(
        title="MovieLens ml-latest-small: 100,836 ratings of 9,742 movies by 610 users",
        download=PublishedFile(
            file="ml-latest-small.zip",
            url="https://files.grouplens.org/datasets/movielens/ml-latest-small.zip",
            sha256="696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
            megabytes=1,
        ),
        terms="GroupLens; no commercial use: see README.txt, which stays beside it. Cite Harper and Konstan, The "
        "MovieLens Datasets: History and Context, ACM TiiS 5(4), 2015, https://doi.org/10.1145/2827872",
    ),
    "cifar10": Description(
        title="CIFAR-10: 60,000 colour images, 32x32, in ten classes",
        download=PublishedFile(
            file="cifar-10-binary.tar.gz",
            url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            megabytes=170,
        ),
        terms="Cite Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009, "
        "https://www.cs.toronto.edu/~kriz/cifar.html",
    ),
    "resnet18": Description(
        title="ResNet-18 weights trained on ImageNet, torchvision's IMAGENET1K_V1",
        download=PublishedFile(
            file=WEIGHTS_FILE,
            url=f"https://download.pytorch.org/models/{WEIGHTS_FILE}",
            sha256="f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
            megabytes=47,
        ),
        terms="torchvision, BSD-3-Clause; trained on ImageNet, whose own terms are for research and teaching",
    ),
}

# Files that are pinned but not downloaded as they are: members of an archive, or other versions that we accept.
PINS = {
    "ml-latest-small/README.txt": "63d22ac138e80fae37021797ed8e1b9424b5239dc576a137422adf783ae3f404",
    "ml-latest-small/links.csv": "97ad18e4e56a09363c65676b6cb3482ce3e2cea2372a24620c1599c843325f31",
    "ml-latest-small/movies.csv": "5a5f32dd9bb3797b8e728a1b98958789d2b13f294a69fdfbc5727f8a9611aa07",
    "ml-latest-small/ratings.csv": "aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646",
    "ml-latest-small/tags.csv": "92a9f8bb7916dceef6151209845788c3643f794dfa79d1feaec7121b5960399d",
    "cifar10-jpg.tar.gz": "58c58e3af3ec7ed2054f439f35ad3c83dc1ab019f4af6037f60612ea098c8fa1",
    "resnet18-tinyimagenet64.safetensors": "bb5d9738943ede5207f8d250a6f1f7948745e054c2a959ed6706a05c05dcd7a2",
} | {known.download.file: known.download.sha256 for known in DESCRIPTIONS.values()}

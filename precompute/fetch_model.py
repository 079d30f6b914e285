"""Download models that users name: from their repository on the hub into the hub's own cache."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from precompute.progress import print_line
from similarity.candidates.files import MAX_WEIGHTS, list_files, select_files
from similarity.candidates.method import LIBRARIES, get_library
from similarity.candidates.specification import Specification, is_path
from similarity.errors import SimilarityError, get_reason


def fetch_model(specification: Specification, hub: str, console: Console) -> None:
    """Download a model's files and print where they are, with the commit that pins them.

    Raises SimilarityError if the hub doesn't have it.
    """
    if specification.loader not in LIBRARIES or is_path(specification.target):
        raise SimilarityError(f"'{specification.text}' is on this machine: nothing to fetch.")
    library = get_library(specification.loader)
    name, _, commit = specification.target.partition("@")
    repositories: list[str] = library.module.find_repositories(name)
    folders = [_download(repositories[0], commit, specification.loader, hub, console)]
    list_files(folders[0], specification.loader)  # raises if there are no weights
    folders += [
        _download(repository, "", specification.loader, hub, console)
        for repository in repositories[1:]
    ]
    size = sum(path.stat().st_size for folder in folders for path in folder.rglob("*"))
    print_line(
        console,
        f"{name} is fetched, {size / 1e6:,.1f} MB: {folders[0]}. To name this version whatever is "
        f"fetched later: {specification.loader}:{name}@{folders[0].name}",
    )


def _download(repository: str, commit: str, loader: str, hub: str, console: Console) -> Path:
    from huggingface_hub import HfApi

    api = HfApi(endpoint=hub)
    with explain_download_errors(repository, repository, f"{hub}/{repository}"):
        info = api.model_info(repository, revision=commit or "main", files_metadata=True)
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
        names = select_files(list(sizes), loader)
        if max((sizes[name] for name in names), default=0) > MAX_WEIGHTS:
            raise SimilarityError(f"'{repository}' is larger than {MAX_WEIGHTS / 1e9:g} GB.")
        total = sum(sizes[name] for name in names)
        print_line(console, f"Fetching {repository} ({total / 1e6:,.0f} MB)")
        # a hub's names are data: each is matched as it is, not as a pattern
        patterns = ["".join(f"[{c}]" if c in "*?[" else c for c in name) for name in names]
        return Path(
            api.snapshot_download(repository, revision=commit or "main", allow_patterns=patterns)
        )


@contextmanager
def explain_download_errors(name: str, repository: str, page: str) -> Iterator[None]:
    """Turn what the hub's client raises into errors with a remedy.

    `name` is what is downloaded, and `page` where to accept a licence.
    """
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        yield
    except SimilarityError:
        raise
    except GatedRepoError as error:
        raise SimilarityError(
            f"{repository} requires the acceptance of its licence. Open {page}, log in and accept "
            "it there, which may take effect at once or within days. Then log in here with a token "
            "of that account, hf auth login, and run the same command again."
        ) from error
    except RepositoryNotFoundError as error:
        raise SimilarityError(
            f"The hub has no model '{repository}', or it is private: then log in, hf auth login."
        ) from error
    except Exception as error:  # httpx, requests and the hub's client raise many kinds
        raise SimilarityError(
            f"{name} could not be fetched: {get_reason(error)}. Run the same command again; it "
            "resumes."
        ) from error

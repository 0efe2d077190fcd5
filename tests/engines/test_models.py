"""The demo pack is whole, and says honestly what it is."""

import shutil
from pathlib import Path

from app.models import DEMO_SCOPE, component_of, damaged_files, demo_pack, is_demo, manifest_of


def test_the_pack_is_what_its_manifest_says() -> None:
    manifest = manifest_of(demo_pack())
    assert manifest is not None
    assert (manifest.name, manifest.scope, manifest.licence) == ("kn-desk-demo", DEMO_SCOPE, "Apache-2.0")
    assert set(manifest.components) == {"stt", "kn_en", "en_kn"}
    for folder, component in manifest.components.items():
        assert set(component.files) == {path.name for path in (demo_pack() / folder).iterdir()}
    assert damaged_files(demo_pack()) == []


def test_the_card_says_first_that_it_knows_no_human_voice() -> None:
    card = (demo_pack() / "CARD.md").read_text(encoding="utf-8")
    assert "does not understand people" in card[:200]
    assert "No human voice" in card


def test_damage_is_found(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(demo_pack(), pack)
    with (pack / "stt" / "model.bin").open("r+b") as model:
        model.write(b"x")
    (pack / "kn_en" / "source.spm").unlink()
    assert damaged_files(pack) == ["stt/model.bin", "kn_en/source.spm"]
    (pack / "manifest.json").write_text("{")
    assert damaged_files(pack) == ["manifest.json"]
    assert not is_demo(pack / "stt")


def test_a_copy_of_the_pack_is_still_the_demo_and_other_models_are_not(tmp_path: Path) -> None:
    shutil.copytree(demo_pack(), tmp_path / "renamed")
    assert is_demo(tmp_path / "renamed" / "en_kn")
    assert not is_demo(tmp_path / "renamed" / "mine")
    assert not is_demo(Path("/nowhere/stt"))
    assert component_of(Path("/nowhere/stt")).normalise == "none"
    assert component_of(demo_pack() / "en_kn").normalise == "lower_no_punctuation"
    assert "Mandya" in component_of(demo_pack() / "en_kn").names

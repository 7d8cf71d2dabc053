"""Where each kind of attack has its story: a table, and that none of them was lost or renamed.

Stories that need the machinery of other tests stand beside those; this folder holds the rest.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

STORIES = {
    "code of a branch with a role": (
        "workflows/test_trust.py::test_no_branch_can_make_a_trusted_file_run_its_own_code",
        "workflows/test_structure.py::test_the_referee_of_a_pull_request_is_main_and_its_files_are_data",
    ),
    "a unit that is taken away": (
        "usecases/test_orphans.py::test_a_workspace_that_was_taken_out_is_told_by_every_command",
        "usecases/test_orphans.py::test_a_renamed_stack_keeps_state_and_ledger_and_leaves_no_orphan",
        "usecases/test_report.py::test_a_removed_unit_is_told_and_red_while_anything_of_it_may_run",
        "usecases/test_destroy.py::test_an_orphan_is_destroyed_from_the_commit_that_was_last_applied",
        "test_config.py::test_terraform_that_no_unit_looks_at_is_named",
        "test_config.py::test_without_settings_no_name_is_guessed_and_the_lines_to_write_are_told",
    ),
    "the report": (
        "adapters/test_github.py::test_a_sticky_comment_is_one_comment_of_our_own_whoever_else_begins_with_its_marker",
        "render/test_uncovered.py::test_all_of_103_creates_are_named_and_all_values_are_in_the_page",
        "render/test_uncovered.py::test_no_text_becomes_markup_a_mention_or_a_link",
        "render/test_comment.py::test_no_name_value_or_message_becomes_markup_a_mention_or_a_link",
        "usecases/test_report.py::test_a_comment_that_cannot_be_written_fails_nothing",
        "usecases/test_told.py::test_a_check_that_fails_is_a_warning_in_the_comment_and_in_the_report",
        "usecases/test_drift_text.py::test_drift_of_120_resources_with_10_tags_each_fits_and_names_all_of_them",
    ),
    "a forged result or record": (
        "usecases/test_report.py::test_a_forged_result_beside_the_true_one_changes_nothing",
        "usecases/test_report.py::test_a_record_of_another_request_counts_for_nothing",
        "usecases/test_plan_apply.py::test_a_record_with_one_bit_changed_is_refused",
    ),
    "the label and owners": (
        "checks/test_labels.py::test_set_for_an_older_head_it_does_not_count",
        "checks/test_labels.py::test_who_owns_something_else_may_not_set_it",
        "checks/test_labels.py::test_a_team_counts_by_its_members",
    ),
    "locks": (
        "usecases/test_turns.py::test_a_torn_lock_is_explained_and_cleared_without_an_id",
        "usecases/test_turns.py::test_a_lock_of_somebody_else_is_cleared_only_by_its_id",
        "usecases/test_destroy.py::test_nothing_is_touched_while_the_state_is_locked_or_the_plan_is_another",
    ),
    "known findings and skips": (
        "policies/test_check.py::test_a_known_finding_whose_judged_attributes_change_is_new",
        "policies/test_check.py::test_each_comment_that_silences_lint_and_is_not_on_main_is_a_finding",
    ),
    "the ledger": (
        "domain/test_ledger.py::test_a_chain_that_was_cut_off_is_noticed",
        "domain/test_ledger.py::test_a_chain_that_was_written_anew_with_right_hashes_is_noticed",
        "domain/test_ledger.py::test_after_a_sealed_entry_one_without_a_seal_is_damage",
        "sandbox/aws/test_aws_write_once.py::test_only_a_conditional_write_makes_an_object_and_only_once",
        "sandbox/aws/test_aws_write_once.py::test_nothing_is_deleted_and_no_version_of_it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", STORIES)
def test_every_kind_of_attack_has_its_story(kind: str) -> None:
    for story in STORIES[kind]:
        file, _, name = story.partition("::")
        found = ast.parse((TESTS / file).read_text()).body
        assert name in {item.name for item in found if isinstance(item, ast.FunctionDef)}, story

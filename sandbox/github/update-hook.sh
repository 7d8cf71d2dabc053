#!/bin/sh
# Refuses the refs the service names in SANDBOX_REFUSED: lines "<ref or prefix/*><TAB><reason>".
# The service decides who may push what; this hook only carries the answer to the one who pushes,
# and for a new branch the address of the page that opens a pull request, as GitHub does.
ref=$1 old=$2 new=$3
zero=0000000000000000000000000000000000000000
tab=$(printf '\t')
printf '%s\n' "$SANDBOX_REFUSED" | while IFS="$tab" read -r pattern when reason; do
    [ -n "$pattern" ] || continue
    # shellcheck disable=SC2254 # the pattern is meant to be one
    case "$ref" in $pattern) ;; *) continue ;; esac
    case "$when" in
        always) ;;
        delete) [ "$new" = "$zero" ] || continue ;;
        force)
            { [ "$old" != "$zero" ] && [ "$new" != "$zero" ]; } || continue
            git merge-base --is-ancestor "$old" "$new" && continue ;;
    esac
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: $reason" >&2
    exit 1
done || exit 1

# An app without that permission may not bring workflow files in: neither by a commit that is new
# here nor by what the ref would then hold otherwise than before (a new one: than the main branch).
if [ -n "$SANDBOX_GUARDS_WORKFLOWS" ] && [ "$new" != "$zero" ]; then
    before=$old
    [ "$before" = "$zero" ] && before=refs/heads/main
    file=$(git diff-tree -r --name-only --diff-filter=d "$before" "$new" -- .github/workflows | head -n 1)
    [ -n "$file" ] || file=$(git log --format= --name-only --diff-filter=d --no-merges "$new" --not --all -- .github/workflows | head -n 1)
    if [ -n "$file" ]; then
        echo "error: refusing to allow a GitHub App to create or update workflow \`$file\` without \`workflows\` permission" >&2
        exit 1
    fi
fi

branch=${ref#refs/heads/}
if [ "$old" = "$zero" ] && [ "$branch" != "$ref" ] && [ "$branch" != main ]; then
    printf '\nOpen a pull request for %s here:\n  %s%s\n\n' "$branch" "$SANDBOX_COMPARE" "$branch" >&2
fi

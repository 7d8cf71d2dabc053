# The numbers are those of the local GitHub; `gh api repos/OWNER/NAME --jq '.id, .owner.id'` shows yours.
github = {
  repository    = "knowledgeweaver/delivery"
  repository_id = 2001
  owner_id      = 1001
}

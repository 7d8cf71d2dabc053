# The numbers are those of the local GitHub; `gh api repos/OWNER/NAME --jq '.id, .owner.id'` shows yours.
github = {
  repository    = "knowledgeweaver/delivery"
  repository_id = 2001
  owner_id      = 1001
}

alert_email = "oncall@example.com"

# The three environments' budgets and this stack's. Cost allocation tags are made active a day after the first
# deployment, in the account that pays: activate_tags = true.
cost = { monthly_usd = 575 }

# The numbers are those of the local GitHub; `gh api repos/OWNER/NAME --jq '.id, .owner.id'` shows yours.
github = {
  repository    = "knowledgeweaver/delivery"
  repository_id = 2001
  owner_id      = 1001
}

# In an account that has GitHub's identity provider already: create_provider = false.

alert_email = "oncall@example.com"

# A usual day of staging or prod costs more than the US$5 that a day may cost otherwise.
budgets = {
  dev     = { monthly_usd = 120 }
  staging = { daily_usd = 7, monthly_usd = 185 }
  prod    = { daily_usd = 10, monthly_usd = 260 }
}

# The three environments' budgets and this stack's. Cost allocation tags are made active a day after the first
# deployment, in the account that pays: activate_tags = true. A member account of an organization: anomalies = false.
cost = { monthly_usd = 575 }

variable "region" {
  description = "AWS region of everything here."
  type        = string
  default     = "ap-southeast-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is the name of an AWS region, for example \"ap-southeast-2\"."
  }
}

variable "github" {
  description = "The repository that may deploy here: its name and the numbers GitHub gave it and its owner (gh api repos/OWNER/NAME shows id and owner.id)."
  type = object({
    repository    = string
    repository_id = number
    owner_id      = number
  })

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github.repository)) && var.github.repository_id > 0 && var.github.owner_id > 0
    error_message = "github names one repository, for example { repository = \"knowledgeweaver/delivery\", repository_id = 2001, owner_id = 1001 }."
  }
}

variable "create_provider" {
  description = "Whether GitHub's identity provider is made here; false where the account has it already. See the github_oidc module."
  type        = bool
  default     = true
}

variable "workspaces" {
  description = "Environments of the application, each with an apply role of its own."
  type        = set(string)
  default     = ["dev", "staging", "prod"]
}

variable "alert_email" {
  description = "Who is told what the account and its environments cost: broken budgets and what AWS did not expect."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "alert_email is an e-mail address, for example \"oncall@example.com\"."
  }
}

variable "cost" {
  description = "What a month of the whole account may cost in US$, whether unexpected costs are watched for (not in a member account of an organization) and from how many US$ they are told, an SNS topic that is told of broken budgets too (an environment's alerts, once they exist), and whether cost allocation tags are made active here; see the modules budget and cost_guard."
  type = object({
    monthly_usd   = number
    anomalies     = optional(bool, true)
    anomaly_usd   = optional(number, 5)
    topic_arn     = optional(string)
    activate_tags = optional(bool, false)
  })

  validation {
    condition     = var.cost.topic_arn == null || can(regex("^arn:aws[a-z-]*:sns:[^:]+:[0-9]{12}:.+$", var.cost.topic_arn))
    error_message = "cost.topic_arn is the ARN of an SNS topic, for example \"arn:aws:sns:ap-southeast-2:123456789012:knowledgeweaver-alerts\"."
  }
}

variable "budgets" {
  description = "What a day and a month of each environment may cost in US$ before somebody is told; see the budget module."
  type = map(object({
    daily_usd   = optional(number, 5)
    monthly_usd = number
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.budgets), var.workspaces)) == 0
    error_message = "budgets names workspaces, for example budgets = { dev = { monthly_usd = 120 } }."
  }
}

variable "audit" {
  description = "How long log files are locked and kept, and days of their copy in CloudWatch Logs; see the audit module."
  type = object({
    lock      = optional(object({ mode = optional(string, "GOVERNANCE"), days = optional(number, 365) }), {})
    keep_days = optional(number, 0)
    log_days  = optional(number, 0)
  })
  default = {}
}

variable "disposable" {
  description = "Whether destroying this stack deletes the images in the registry."
  type        = bool
  default     = false
}

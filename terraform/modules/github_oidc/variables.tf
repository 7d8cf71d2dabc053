variable "name" {
  description = "Name of the project: prefix of every role and policy, for example knowledgeweaver."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,19}$", var.name))
    error_message = "name has 3 to 20 lower-case letters, digits and dashes, for example \"knowledgeweaver\"."
  }
}

variable "github" {
  description = "The repository that may deploy: its name and the numbers that stay when it or its owner is renamed (gh api repos/OWNER/NAME shows id and owner.id). branch: the only branch whose workflow files get credentials."
  type = object({
    repository    = string
    repository_id = number
    owner_id      = number
    branch        = optional(string, "main")
  })

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github.repository))
    error_message = "github.repository is owner/name, for example \"knowledgeweaver/delivery\"."
  }

  validation {
    condition     = var.github.repository_id > 0 && var.github.owner_id > 0
    error_message = "github.repository_id and github.owner_id are the numbers that GitHub gave them, for example { repository = \"knowledgeweaver/delivery\", repository_id = 2001, owner_id = 1001 }."
  }
}

variable "workflows" {
  description = "Files in .github/workflows that the roles trust: plan and report in pull requests; read, image and apply on the protected branch."
  type = object({
    plan   = optional(set(string), ["unit-plan.yml"])
    report = optional(set(string), ["unit-report.yml"])
    read   = optional(set(string), ["unit-pending.yml", "unit-drift.yml", "unit-destroy-plan.yml"])
    image  = optional(set(string), ["image.yml"])
    apply  = optional(set(string), ["unit-deploy.yml", "unit-destroy.yml"])
  })
  default = {}
}

variable "stacks" {
  description = "Names of the stacks: a state of the workspace `default` is under its stack's name alone."
  type        = set(string)
  default     = []
}

variable "workspaces" {
  description = "Workspaces of the application's estate, each with an apply role of its own."
  type        = set(string)
  default     = ["dev", "staging", "prod"]

  validation {
    condition     = length(var.workspaces) > 0 && !contains(var.workspaces, "shared")
    error_message = "workspaces names the application's environments, for example [\"dev\", \"staging\", \"prod\"]; \"shared\" is the account's own and always there."
  }
}

variable "create_provider" {
  description = "Whether GitHub's identity provider is made here: an account has at most one. With false the one that is there is used."
  type        = bool
  default     = true
}

variable "session_seconds" {
  description = "How long a role's credentials last at most, in seconds: as long as the longest job of the workflows."
  type        = number
  default     = 7200

  validation {
    condition     = var.session_seconds >= 3600 && var.session_seconds <= 43200
    error_message = "session_seconds is 3600 to 43200, as IAM allows, for example 7200."
  }
}

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

variable "workspaces" {
  description = "Environments of the application, each with an apply role of its own."
  type        = set(string)
  default     = ["dev", "staging", "prod"]
}

variable "disposable" {
  description = "Whether destroying this stack deletes images, records and ledger; true only where nothing was ever really deployed."
  type        = bool
  default     = false
}

variable "name" {
  description = "Name of the repository, for example knowledgeweaver."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+([._/-][a-z0-9]+)*$", var.name))
    error_message = "name has lower-case letters and digits, joined by single dots, dashes, underscores or slashes, for example \"knowledgeweaver\"."
  }
}

variable "keep_images" {
  description = "How many of the newest images are kept; going back further than this means building again."
  type        = number
  default     = 200

  validation {
    condition     = var.keep_images >= 10 && floor(var.keep_images) == var.keep_images
    error_message = "keep_images is a whole number of at least 10, for example 200."
  }
}

variable "disposable" {
  description = "Whether destroying the repository deletes the images in it."
  type        = bool
  default     = false
}

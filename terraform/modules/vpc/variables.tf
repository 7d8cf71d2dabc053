variable "name" {
  description = "Prefix of every name in the network, for example knowledgeweaver-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name has 3 to 31 lower-case letters, digits and dashes and starts with a letter, for example \"knowledgeweaver-dev\"."
  }
}

variable "network" {
  description = "Address plan. One entry of zones a zone: suffix is the letter behind the region (a is ap-southeast-2a), public and private its two subnets. nat says how private subnets reach out: gateway (managed, about US$43 a month before traffic), instance (one small EC2 instance, about US$4, no redundancy) or none."
  type = object({
    cidr = optional(string, "10.0.0.0/16")
    nat  = optional(string, "gateway")
    zones = optional(list(object({
      suffix  = string
      public  = string
      private = string
      })), [
      { suffix = "a", public = "10.0.1.0/24", private = "10.0.2.0/24" },
      { suffix = "b", public = "10.0.3.0/24", private = "10.0.4.0/24" },
    ])
  })
  default = {}

  validation {
    condition     = can(cidrhost(var.network.cidr, 0)) && try(tonumber(split("/", var.network.cidr)[1]), 0) >= 16 && try(tonumber(split("/", var.network.cidr)[1]), 99) <= 24
    error_message = "network.cidr is an IPv4 block between /16 and /24, for example \"10.0.0.0/16\"."
  }

  validation {
    condition     = length(var.network.zones) >= 2 && length(distinct(var.network.zones[*].suffix)) == length(var.network.zones)
    error_message = "network.zones needs at least two different zones, because a load balancer does, for example [{ suffix = \"a\", public = \"10.0.1.0/24\", private = \"10.0.2.0/24\" }, { suffix = \"b\", public = \"10.0.3.0/24\", private = \"10.0.4.0/24\" }]."
  }

  validation {
    condition = alltrue([
      for cidr in concat(var.network.zones[*].public, var.network.zones[*].private) :
      # A subnet lies inside when cutting its first address to the network's length gives the network's own.
      try(cidrhost("${cidrhost(cidr, 0)}/${split("/", var.network.cidr)[1]}", 0) == cidrhost(var.network.cidr, 0)
      && tonumber(split("/", cidr)[1]) >= tonumber(split("/", var.network.cidr)[1]), false)
    ])
    error_message = "Every subnet in network.zones lies inside network.cidr, for example \"10.0.1.0/24\" inside \"10.0.0.0/16\"."
  }

  validation {
    condition = alltrue(flatten([
      for i, one in concat(var.network.zones[*].public, var.network.zones[*].private) : [
        for j, other in concat(var.network.zones[*].public, var.network.zones[*].private) :
        # Two blocks overlap when both, cut to the shorter of their lengths, start at the same address.
        i >= j || try(
          cidrhost("${cidrhost(one, 0)}/${min(tonumber(split("/", one)[1]), tonumber(split("/", other)[1]))}", 0) !=
          cidrhost("${cidrhost(other, 0)}/${min(tonumber(split("/", one)[1]), tonumber(split("/", other)[1]))}", 0),
          false
        )
      ]
    ]))
    error_message = "The subnets in network.zones must not overlap, for example \"10.0.1.0/24\", \"10.0.2.0/24\", \"10.0.3.0/24\" and \"10.0.4.0/24\"."
  }

  validation {
    condition     = contains(["gateway", "instance", "none"], var.network.nat)
    error_message = "network.nat is \"gateway\", \"instance\" or \"none\", for example \"gateway\"."
  }
}

variable "nat_ami" {
  description = "AMI of the NAT instance (Amazon Linux 2023, arm64); only read when network.nat is instance."
  type        = string
  default     = null

  validation {
    condition     = var.network.nat != "instance" || can(regex("^ami-[0-9a-f]{8,17}$", var.nat_ami))
    error_message = "nat_ami is needed when network.nat is \"instance\", for example \"ami-0123456789abcdef0\"."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}


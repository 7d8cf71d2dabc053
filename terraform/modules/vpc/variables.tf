variable "name" {
  description = "Prefix of every name in the network, for example knowledgeweaver-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name has 3 to 31 lower-case letters, digits and dashes and starts with a letter, for example \"knowledgeweaver-dev\"."
  }
}

variable "network" {
  description = "Address plan. One entry of zones a zone: suffix is the letter behind the region (a is ap-southeast-2a), public and private its two subnets. nat says how private subnets reach out: gateway (managed, in the first zone, about US$43 a month before traffic), gateways (one in each zone), instance (one small EC2 instance, about US$4, no redundancy) or none."
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
    condition     = contains(["gateway", "gateways", "instance", "none"], var.network.nat)
    error_message = "network.nat is \"gateway\", \"gateways\", \"instance\" or \"none\", for example \"gateway\"."
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

variable "flow_logs" {
  description = "Record of connections in a CloudWatch log group of that name. traffic: ALL, REJECT (only what a security group refused: cheap, and what one looks for first) or none. retention_days as CloudWatch knows them."
  type = object({
    log_group      = string
    traffic        = optional(string, "ALL")
    retention_days = optional(number, 30)
  })

  validation {
    condition     = can(regex("^/[a-z0-9/_-]{1,500}[a-z0-9]$", var.flow_logs.log_group))
    error_message = "flow_logs.log_group is the name of a log group, for example \"/knowledgeweaver/dev/flow-logs\"."
  }

  validation {
    condition     = contains(["ALL", "REJECT", "none"], var.flow_logs.traffic)
    error_message = "flow_logs.traffic is \"ALL\", \"REJECT\" or \"none\", for example \"REJECT\"."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_logs.retention_days)
    error_message = "flow_logs.retention_days is a number of days that CloudWatch knows, for example 30 or 365."
  }
}

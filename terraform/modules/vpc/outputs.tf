output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "Address block of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "Ids of the public subnets, in the order of network.zones."
  value       = [for zone in var.network.zones : aws_subnet.public[zone.suffix].id]

  # A load balancer in a network without an internet gateway is refused (InvalidSubnet).
  depends_on = [aws_internet_gateway.this, aws_route.public_out, aws_route_table_association.public]
}

output "private_subnet_ids" {
  description = "Ids of the private subnets, in the order of network.zones."
  value       = [for zone in var.network.zones : aws_subnet.private[zone.suffix].id]

  # What starts there calls AWS at once.
  depends_on = [
    aws_route.private_out_gateway, aws_route.private_out_instance, aws_route_table_association.private,
  ]
}

output "private_subnet_cidrs" {
  description = "Address blocks of the private subnets, in the order of network.zones."
  value       = var.network.zones[*].private
}

output "zones" {
  description = "Names of the zones, in the order of network.zones."
  value       = [for zone in var.network.zones : "${data.aws_region.current.name}${zone.suffix}"]
}

output "nat" {
  description = "What dashboards need of the way out: its kind (gateway, instance or none) and its id, where each zone has one the first zone's."
  value = {
    kind = var.network.nat == "gateways" ? "gateway" : var.network.nat
    id   = one(concat([for zone, gateway in aws_nat_gateway.this : gateway.id if zone == local.first], aws_instance.nat[*].id))
  }
}

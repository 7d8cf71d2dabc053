resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_ecs_service" "unknown" {
  name = "api"

  deployment_circuit_breaker {
    enable   = true
    rollback = aws_vpc.later.enable_network_address_usage_metrics
  }
}

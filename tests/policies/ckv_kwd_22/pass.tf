resource "aws_ecs_service" "pass" {
  name = "api"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
}

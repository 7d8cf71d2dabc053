resource "aws_ecs_service" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_22:we know better
  name = "api"

  deployment_circuit_breaker {
    enable   = true
    rollback = false
  }
}

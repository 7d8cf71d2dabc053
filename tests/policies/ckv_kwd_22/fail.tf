resource "aws_ecs_service" "fail_not_written" {
  name = "api"
}

resource "aws_ecs_service" "fail_stays" {
  name = "api"

  deployment_circuit_breaker {
    enable   = true
    rollback = false
  }
}

resource "aws_ecs_service" "fail_off" {
  name = "api"

  deployment_circuit_breaker {
    enable   = false
    rollback = false
  }
}

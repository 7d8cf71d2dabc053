resource "aws_ecs_task_definition" "pass" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "phoenix"
    image = "arizephoenix/phoenix:version-11.38.0"
    environment = [
      { name = "PHOENIX_ENABLE_AUTH", value = "true" },
      { name = "PHOENIX_TELEMETRY_ENABLED", value = "false" },
    ]
  }])
}

resource "aws_ecs_task_definition" "pass_other" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw:1.2.3"
  }])
}

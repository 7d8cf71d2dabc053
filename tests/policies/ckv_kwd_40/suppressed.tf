resource "aws_ecs_task_definition" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_40:we know better
  family = "x"
  container_definitions = jsonencode([{
    name  = "phoenix"
    image = "arizephoenix/phoenix:version-11.38.0"
    environment = [
      { name = "PHOENIX_ENABLE_AUTH", value = "false" },
      { name = "PHOENIX_TELEMETRY_ENABLED", value = "true" },
    ]
  }])
}

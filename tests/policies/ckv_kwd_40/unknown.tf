resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_ecs_task_definition" "unknown" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "phoenix"
    image = "arizephoenix/phoenix:version-11.38.0"
    environment = [
      { name = "PHOENIX_ENABLE_AUTH", value = aws_vpc.later.default_network_acl_id },
      { name = "PHOENIX_TELEMETRY_ENABLED", value = "false" },
    ]
  }])
}

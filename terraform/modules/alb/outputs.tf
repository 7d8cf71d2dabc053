output "url" {
  description = "Where clients reach the service, without a slash at the end."
  # The certificate is for the domain, never for the balancer's own name.
  value = "${local.https ? "https" : "http"}://${coalesce(var.tls.domain, aws_lb.this.dns_name)}"
}

output "dns_name" {
  description = "DNS name of the load balancer, which a record of the domain leads to."
  value       = aws_lb.this.dns_name
}

output "security_group_id" {
  description = "Security group of the load balancer; the service lets it in."
  value       = aws_security_group.this.id
}

output "listener_arn" {
  description = "Listener that serves clients: HTTPS where there is a certificate. Further services attach their path rules to it."
  value       = local.https ? aws_lb_listener.https[0].arn : aws_lb_listener.http.arn
}

output "target_group_arn" {
  description = "Target group the service registers its tasks in."
  value       = aws_lb_target_group.service.arn

  # ECS refuses a target group that no load balancer uses yet.
  depends_on = [aws_lb_listener.http, aws_lb_listener.https]
}

output "arn_suffix" {
  description = "Name of the load balancer in CloudWatch's dimensions."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arn_suffix" {
  description = "Name of the target group in CloudWatch's dimensions."
  value       = aws_lb_target_group.service.arn_suffix
}

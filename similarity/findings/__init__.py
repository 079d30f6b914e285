"""Findings: what people keep of the pages, on boards, to show and to send."""

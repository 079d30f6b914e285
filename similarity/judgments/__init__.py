"""Judgments: which products are good results for which queries, as people and clicks say."""

"""Which methods still find a product whose picture is spoilt."""

"""Which methods still find a product when its picture is distorted."""

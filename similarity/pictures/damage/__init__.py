"""Complete the files of damaged pictures, so that a strict decoder reads what is there.

What lies beside the pixels is left out, except what changes how they look: colour profiles,
orientation, transparency. Missing data are replaced by a filler. Where two fillers give different
pixels, the pixels were missing.
"""

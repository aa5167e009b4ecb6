"""`jiangheng-rules`: the rules as people read them, and what programs ask of them."""

print("mtlc")

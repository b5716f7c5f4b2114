enum PassesModuleStub {}
